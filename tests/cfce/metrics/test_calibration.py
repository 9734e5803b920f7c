import math

import numpy as np
import pytest

from cfce.metrics import calibration


def _predictions(n, rng):
    probabilities = rng.dirichlet([1, 2, 3, 4, 2], size=n)
    levels = (rng.random((n, 1)) > probabilities.cumsum(axis=1)).sum(axis=1).clip(max=4)
    return probabilities, levels


def test_a_prediction_that_is_the_truth_has_an_error_of_no_more_than_noise():
    rng = np.random.default_rng(0)
    probabilities, levels = _predictions(40_000, rng)
    assert calibration(probabilities, levels).error < 0.4 * math.sqrt(10 / 40_000)


def test_an_overconfident_prediction_has_a_larger_error_and_its_curve_is_flatter_than_the_diagonal():
    rng = np.random.default_rng(1)
    probabilities, levels = _predictions(20_000, rng)
    sharp = probabilities**3 / (probabilities**3).sum(axis=1, keepdims=True)
    table = calibration(sharp, levels)
    assert table.error > 5 * calibration(probabilities, levels).error
    predicted, observed, _ = table.curve().T
    assert observed[0] > predicted[0]
    assert observed[-1] < predicted[-1]


def test_opposite_errors_at_two_thresholds_do_not_cancel():
    """Both events are predicted at 0.5; one comes in 1 of 4, the other in 3 of 4, which pooled looks perfect."""
    first = np.tile([0.5, 0.0, 0.5], (4, 1))
    table = calibration(first, [0, 0, 2, 2])
    assert table.error == 0
    table = calibration(np.tile([0.5, 0.0, 0.5], (4, 1)), [0, 1, 1, 2])  # came: 1/4 at the first, 3/4 at the second
    assert table.error == pytest.approx(0.25)
    assert table.curve().tolist() == [[0.5, 0.5, 8.0]]


def test_the_tables_of_two_halves_add_up_to_that_of_the_whole():
    rng = np.random.default_rng(2)
    probabilities, levels = _predictions(1_000, rng)
    both = calibration(probabilities[:300], levels[:300]) + calibration(probabilities[300:], levels[300:])
    np.testing.assert_allclose(both.curve(2), calibration(probabilities, levels).curve(2))
    assert both.error == pytest.approx(calibration(probabilities, levels).error)


def test_certainty_falls_into_the_last_bin_and_every_event_is_counted():
    table = calibration([[1.0, 0.0], [0.0, 1.0]], [0, 1], n_bins=4)
    assert table.count.tolist() == [[1, 0, 0, 1]]
    assert table.curve(0).tolist() == [[0, 0, 1], [1, 1, 1]]


def test_no_ratings_have_no_error():
    assert math.isnan(calibration(np.empty((0, 5)), np.empty(0, int)).error)
