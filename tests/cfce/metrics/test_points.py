import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

from cfce.metrics import absolute_errors, mae, normalized_rmse, rmse, squared_errors
from cfce.scale import RatingScale

values = st.lists(st.tuples(st.floats(-10, 10), st.integers(1, 5)), min_size=1, max_size=40)


@given(values)
def test_rmse_and_mae_are_those_of_scikit_learn(pairs):
    predicted, observed = map(np.array, zip(*pairs, strict=True))
    assert rmse(predicted, observed) == pytest.approx(root_mean_squared_error(observed, predicted), abs=1e-12)
    assert mae(predicted, observed) == pytest.approx(mean_absolute_error(observed, predicted), abs=1e-12)


@given(values)
def test_mae_never_exceeds_rmse(pairs):
    predicted, observed = map(np.array, zip(*pairs, strict=True))
    assert mae(predicted, observed) <= rmse(predicted, observed) + 1e-9


def test_losses_of_ratings_have_the_scores_as_their_means():
    assert squared_errors([3, 5], [1, 4]).tolist() == [4, 1]
    assert rmse([3, 5], [1, 4]) == math.sqrt(2.5)
    assert absolute_errors([3, 5], [1, 4]).tolist() == [2, 1]


def test_float32_points_lose_no_digits_against_ratings():
    assert squared_errors(np.array([1.5], np.float32), np.array([4], np.uint8)).dtype == np.float64
    assert squared_errors(np.array([1.0], np.float32), np.array([2], np.uint8)).tolist() == [1.0]


def test_no_ratings_have_no_score():
    assert math.isnan(rmse([], []))
    assert math.isnan(mae([], []))


def test_an_rmse_is_normalised_by_the_span_of_the_scale():
    assert normalized_rmse(0.9, RatingScale((0.5, 1, 1.5, 5))) == 0.2
