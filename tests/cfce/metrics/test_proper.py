import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics as oracle

from cfce.metrics import brier, brier_by_rating, nll, nll_by_rating, rps, rps_by_rating

weights = hnp.arrays(np.float64, st.tuples(st.integers(1, 20), st.just(5)), elements=st.floats(0.01, 1))


def _drawn(raw):
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    levels = (raw[:, 0] * 1e6).astype(int) % 5
    return probabilities, levels


@given(weights)
def test_nll_is_the_log_loss_of_scikit_learn(raw):
    probabilities, levels = _drawn(raw)
    assert nll(probabilities, levels) == pytest.approx(oracle.log_loss(levels, probabilities, labels=range(5)))


@given(weights)
def test_brier_is_the_brier_score_of_scikit_learn(raw):
    probabilities, levels = _drawn(raw)
    theirs = oracle.brier_score_loss(levels, probabilities, labels=list(range(5)), scale_by_half=False)
    assert brier(probabilities, levels) == pytest.approx(theirs)


@given(weights)
def test_rps_is_the_sum_of_the_brier_losses_of_the_cumulative_events(raw):
    probabilities, levels = _drawn(raw)
    by_hand = sum(np.mean((probabilities[:, : k + 1].sum(axis=1) - (levels <= k)) ** 2) for k in range(4))
    assert rps(probabilities, levels) == pytest.approx(by_hand)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30))
def test_rps_of_a_sure_prediction_is_its_absolute_error(rows):
    predicted, observed = map(np.array, zip(*rows, strict=True))
    np.testing.assert_allclose(rps_by_rating(np.eye(5)[predicted], observed), np.abs(predicted - observed))


@pytest.mark.parametrize("loss", [nll_by_rating, rps_by_rating, brier_by_rating])
@given(raw=weights)
def test_the_true_distribution_is_the_best_prediction(loss, raw):
    """Proper: expected under the truth (the first row), no other row has a lower loss."""
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    truth = probabilities[0]
    expected = [
        sum(truth[level] * loss(row[None], [level])[0] for level in range(5)) for row in probabilities
    ]  # one a row of predictions
    assert min(expected) >= expected[0] - 1e-12


def test_scores_on_paper():
    probabilities = [[0.5, 0.25, 0.25], [0.0, 0.5, 0.5]]
    assert nll_by_rating(probabilities, [1, 2]) == pytest.approx([math.log(4), math.log(2)])
    assert rps_by_rating(probabilities, [1, 2]).tolist() == [0.25 + 0.0625, 0 + 0.25]
    assert brier_by_rating(probabilities, [1, 2]).tolist() == [0.25 + 0.5625 + 0.0625, 0.25 + 0.25]


def test_a_small_probability_costs_what_it_costs_and_a_zero_is_infinite():
    assert nll(np.array([[1, 1e-20]], np.float32), [1]) == pytest.approx(46.05, abs=0.01)
    assert nll([[1.0, 0.0]], [1]) == math.inf


def test_no_ratings_have_no_score():
    none = np.empty((0, 5))
    assert all(math.isnan(score(none, np.empty(0, int))) for score in (nll, rps, brier))


def test_a_constant_prediction_on_ml_100k_scores_what_its_marginals_give():
    """The marginals of the 100,000 ratings of u.data, and the figures measured on them by other means."""
    from cfce.metrics import accuracy, mae, rmse
    from cfce.predictions import Prediction
    from cfce.scale import RatingScale

    counts = np.array([6_110, 11_370, 27_145, 34_174, 21_201])
    levels = np.repeat(np.arange(5), counts)
    scale = RatingScale((1, 2, 3, 4, 5))
    constant = Prediction(scale, None, np.tile((counts / counts.sum()).astype(np.float32), (len(levels), 1)))
    assert rmse(constant.decode("mean"), levels + 1) == pytest.approx(1.126, abs=5e-4)
    assert mae(constant.decode("median"), levels + 1) == pytest.approx(0.894, abs=5e-4)
    assert accuracy(constant.levels("mode"), levels) == pytest.approx(0.342, abs=5e-4)
    assert nll(constant.probabilities, levels) == pytest.approx(1.468, abs=5e-4)
    assert rps(constant.probabilities, levels) == pytest.approx(0.616, abs=5e-4)
