import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cfce.errors import UserError
from cfce.metrics import fit_sigma, nll, normal_over_levels, with_distribution
from cfce.predictions import Prediction
from cfce.scale import RatingScale

FIVE = RatingScale((1, 2, 3, 4, 5))
HALVES = RatingScale(tuple(np.arange(0.5, 5.5, 0.5)))


@given(st.floats(-3, 9), st.floats(0.05, 5), st.sampled_from([FIVE, HALVES, RatingScale((0, 1, 10))]))
def test_levels_get_the_normal_mass_between_their_midpoints(point, sigma, scale):
    ours = normal_over_levels([point], sigma, scale)[0]
    cuts = stats.norm(point, sigma).cdf(scale.midpoints)
    np.testing.assert_allclose(ours, np.diff(np.concatenate([[0], cuts, [1]])), atol=1e-12)
    assert ours.sum() == pytest.approx(1)
    assert ours.min() >= 0


@given(st.floats(1, 5), st.floats(0.1, 3))
def test_the_median_level_is_the_level_nearest_to_the_point(point, sigma):
    probabilities = normal_over_levels([point], sigma, FIVE)
    median = int((probabilities.cumsum() >= 0.5 - 1e-9).argmax())
    assert median == FIVE.nearest([point])[0] or abs(point % 1 - 0.5) < 1e-6


def test_far_tails_keep_their_digits_on_both_sides():
    low, high = normal_over_levels([0.0, 6.0], 0.5, FIVE)
    np.testing.assert_allclose(low, high[::-1], rtol=1e-9)
    assert low[-1] == pytest.approx(stats.norm.sf(4.5, scale=0.5), rel=1e-9)


@pytest.mark.parametrize("sigma", [0.4, 0.9, 1.5])
def test_the_sigma_that_drew_the_levels_is_found(sigma):
    rng = np.random.default_rng(0)
    points = rng.uniform(1, 5, 20_000)
    levels = FIVE.nearest(points + rng.normal(0, sigma, points.shape))
    assert fit_sigma(points, levels, FIVE) == pytest.approx(sigma, rel=0.03)


def test_no_sigma_on_a_fine_grid_is_more_likely_than_the_fitted():
    rng = np.random.default_rng(1)
    points, levels = rng.uniform(0, 5.5, 500), rng.integers(0, 5, 500)
    best = nll(normal_over_levels(points, fit_sigma(points, levels, FIVE), FIVE), levels)
    grid = [nll(normal_over_levels(points, sigma, FIVE), levels) for sigma in np.geomspace(0.1, 20, 300)]
    assert best <= min(grid) + 1e-7


def test_points_that_are_all_right_give_the_lower_end_and_no_points_an_error():
    assert fit_sigma([1.0, 5.0], [0, 4], FIVE) < 0.3
    with pytest.raises(UserError, match="at least one rating"):
        fit_sigma([], [], FIVE)
    with pytest.raises(UserError, match="finite points"):
        fit_sigma([np.nan], [1], FIVE)
    with pytest.raises(UserError, match="sigma 0 came"):
        normal_over_levels([1.0], 0.0, FIVE)


def test_a_classifier_keeps_its_own_distribution_and_a_regression_its_points():
    classifier = Prediction(FIVE, None, np.full((1, 5), 0.2, np.float32))
    assert with_distribution(classifier, 1.0) is classifier
    regression = with_distribution(Prediction(FIVE, np.array([4.4], np.float32)), 0.9)
    assert regression.decode("mean").tolist() == [pytest.approx(4.4)]
    assert regression.levels("median").tolist() == [3]  # 4
    assert regression.levels("mode").tolist() == [4]  # the tail above 4.5 is the most probable: 5
