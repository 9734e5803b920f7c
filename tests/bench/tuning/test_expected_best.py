"""The expected best of a budget by counting subsets, and the share of ranks that an option explains by hand."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import kruskal

from bench.tuning.expected_best import expected_best, expected_best_curve
from bench.tuning.importance import importance


def test_it_is_the_mean_of_the_least_over_all_subsets():
    losses = np.random.default_rng(0).normal(size=8)
    counted = [np.mean([min(one) for one in combinations(losses, n)]) for n in range(1, 9)]
    np.testing.assert_allclose(expected_best(losses), counted)


def test_it_is_unbiased_where_the_plug_in_form_is_not():
    """Of 10 uniform numbers the least of 5 is 1/6 on average, whatever the 10; with replacement it comes out too high."""
    draws = np.random.default_rng(1).uniform(size=(4000, 10))
    assert expected_best(draws)[:, 4].mean() == pytest.approx(1 / 6, abs=0.004)
    ranked = np.sort(draws, axis=1)
    shares = (np.arange(10, 0, -1) / 10) ** 5 - (np.arange(9, -1, -1) / 10) ** 5
    assert (ranked @ shares).mean() > 1 / 6 + 0.01


def test_intervals_hold_the_curve_and_a_lost_setting_counts_as_the_worst():
    losses = np.array([3.0, 1.0, np.inf, 2.0])
    curve = expected_best_curve(losses)
    np.testing.assert_allclose(curve.mean, expected_best(np.array([3.0, 1.0, 3.0, 2.0])))
    assert (curve.low <= curve.mean).all()
    assert (curve.mean <= curve.high).all()


def test_importance_is_epsilon_squared_of_kruskal_and_wallis():
    """epsilon^2 = (H - k + 1) / (n - k), H of Kruskal and Wallis (Tomczak and Tomczak 2014)."""
    rng = np.random.default_rng(0)
    groups = np.repeat(["a", "b", "c"], 12)
    losses = rng.normal(size=36) + (groups == "b") * 1.5
    h = kruskal(*(losses[groups == one] for one in "abc")).statistic
    assert importance(groups, losses) == pytest.approx((h - 2) / (36 - 3))


def test_an_option_without_influence_has_none_on_average():
    rng = np.random.default_rng(2)
    found = [importance(rng.uniform(size=60), rng.uniform(size=60)) for _ in range(300)]
    assert np.mean(found) < 0.03
    x = rng.uniform(size=60)
    assert importance(x, (x - 0.5) ** 2) > 0.8, "also where the best lies in the middle"
