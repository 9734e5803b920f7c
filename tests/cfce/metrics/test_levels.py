import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as oracle

from cfce.errors import UserError
from cfce.metrics import (
    accuracy,
    confusion_matrix,
    hits,
    never_predicted,
    normalized_accuracy,
    quadratic_weighted_kappa,
    recall_by_level,
)

pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@given(pairs)
def test_the_confusion_matrix_is_that_of_scikit_learn(rows):
    predicted, observed = map(np.array, zip(*rows, strict=True))
    ours = confusion_matrix(predicted, observed, 5)
    np.testing.assert_array_equal(ours, oracle.confusion_matrix(observed, predicted, labels=range(5)))
    assert accuracy(predicted, observed) == pytest.approx(np.trace(ours) / len(rows))


@given(pairs.filter(lambda rows: len({level for row in rows for level in row}) > 1))
def test_quadratic_weighted_kappa_is_that_of_scikit_learn(rows):
    predicted, observed = map(np.array, zip(*rows, strict=True))
    ours = quadratic_weighted_kappa(confusion_matrix(predicted, observed, 5))
    assert ours == pytest.approx(oracle.cohen_kappa_score(observed, predicted, labels=range(5), weights="quadratic"), abs=1e-12)


@given(pairs)
def test_recall_is_that_of_scikit_learn_for_every_level_that_came(rows):
    predicted, observed = map(np.array, zip(*rows, strict=True))
    ours = recall_by_level(confusion_matrix(predicted, observed, 5))
    present = np.unique(observed)
    theirs = oracle.recall_score(observed, predicted, labels=present, average=None, zero_division=0.0)
    np.testing.assert_allclose(ours[present], theirs)
    assert np.isnan(np.delete(ours, present)).all()


def test_kappa_of_a_single_level_on_both_sides_is_not_a_number():
    assert math.isnan(quadratic_weighted_kappa(confusion_matrix([2, 2], [2, 2], 5)))


def test_kappa_of_a_constant_prediction_is_zero():
    assert quadratic_weighted_kappa(confusion_matrix([3, 3, 3], [0, 3, 4], 5)) == 0


def test_rows_are_what_came_and_columns_what_was_predicted():
    assert confusion_matrix([1, 1, 0], [0, 1, 1], 3).tolist() == [[0, 1, 0], [1, 1, 0], [0, 0, 0]]


def test_a_level_that_never_came_does_not_count_as_never_predicted():
    matrix = confusion_matrix([1, 1, 1], [0, 1, 3], 5)
    assert never_predicted(matrix) == [0, 3]


def test_levels_off_the_scale_and_unequal_lengths_are_refused():
    with pytest.raises(UserError, match="predicted levels from 0 to 5 came; levels are 0 to 4"):
        confusion_matrix([0, 5], [0, 1], 5)
    with pytest.raises(UserError, match="true levels from -1 to 1"):
        confusion_matrix([0, 1], [-1, 1], 5)
    with pytest.raises(UserError, match="1 predicted levels came for 2 ratings"):
        confusion_matrix([0], [0, 1], 5)


def test_normalised_accuracy_is_zero_at_chance_and_one_when_always_right():
    assert normalized_accuracy(0.2, 5) == 0
    assert normalized_accuracy(1, 10) == 1
    assert normalized_accuracy(0.0, 5) == pytest.approx(-0.25)


def test_bytes_do_not_wrap_around():
    """Levels come as uint8: 255 levels must not overflow in the index of a cell."""
    high = np.array([254, 3], dtype=np.uint8)
    assert confusion_matrix(high, high, 255)[254, 254] == 1
    assert hits(high, np.array([254, 4])).tolist() == [True, False]
    assert math.isnan(accuracy([], []))
