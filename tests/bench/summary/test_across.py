"""Claims across data sets, by the literature's own examples and by simulation."""

import numpy as np
import pytest
from scipy import stats

from bench.statistics.across import critical_difference, iman_davenport, mean_ranks, random_effects

DEMSAR = np.array(
    [
        [0.763, 0.768, 0.771, 0.798],
        [0.599, 0.591, 0.590, 0.569],
        [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657],
        [0.882, 0.888, 0.886, 0.898],
        [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685],
        [0.583, 0.583, 0.563, 0.625],
        [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000],
        [0.940, 0.962, 0.965, 0.962],
        [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.9751, 0.975],
        [0.957, 0.978, 0.946, 0.970],
    ]
)
"""Table 6 of Demsar (2006): AUC of C4.5 and three variants of it on 14 data sets, the 13th as the table ranks it."""


def test_ranks_are_those_of_the_papers_example():
    np.testing.assert_allclose(mean_ranks(-DEMSAR), [3.143, 2.000, 2.893, 1.964], atol=0.04)


def test_the_test_of_the_papers_example_rejects_as_there():
    """F of 3.69 with 3 and 39 degrees of freedom there; p is near .02."""
    assert iman_davenport(-DEMSAR) == pytest.approx(stats.f.sf(3.69, 3, 39), abs=0.006)


def test_the_critical_difference_is_that_of_the_papers_table():
    """Table 5a: q of 2.343 for two-sided Nemenyi at 3 variants, 2.569 at 4."""
    assert critical_difference(4, 14) == pytest.approx(2.569 * np.sqrt(4 * 5 / (6 * 14)), abs=0.002)
    assert critical_difference(3, 10) == pytest.approx(2.343 * np.sqrt(3 * 4 / 60), abs=0.002)


def test_equal_variants_are_told_apart_in_one_of_twenty():
    rng = np.random.default_rng(0)
    found = [iman_davenport(rng.normal(size=(10, 4))) <= 0.05 for _ in range(2000)]
    assert 0.03 < np.mean(found) < 0.07


def test_data_sets_that_rank_alike_leave_no_doubt():
    assert iman_davenport(np.arange(4.0)[None, :] + np.zeros((6, 1))) == 0


def test_equal_differences_with_equal_errors_have_the_plain_mean():
    found = random_effects(np.array([0.1, 0.3]), np.array([0.1, 0.1]))
    assert found.mean == pytest.approx(0.2)
    assert found.n == 2


def test_without_heterogeneity_the_precise_study_counts_most():
    """Weights are 1 / error^2: 100 to 1."""
    found = random_effects(np.array([0.10, 0.11]), np.array([0.1, 1.0]))
    assert found.tau == 0
    assert found.mean == pytest.approx((100 * 0.10 + 0.11) / 101)


def test_the_spread_between_data_sets_is_found():
    """tau of 0.5 over 2,000 data sets with an error of 0.3; I^2 is .25 / (.25 + .09)."""
    rng = np.random.default_rng(1)
    true = rng.normal(1, 0.5, 2000)
    found = random_effects(true + rng.normal(0, 0.3, 2000), np.full(2000, 0.3))
    assert found.tau == pytest.approx(0.5, abs=0.03)
    assert found.i2 == pytest.approx(0.25 / 0.34, abs=0.04)
    assert found.p_heterogeneity < 1e-6


@pytest.mark.parametrize("tau", [0.0, 0.5])
def test_the_interval_holds_the_mean_in_19_of_20_also_with_four_data_sets(tau):
    rng = np.random.default_rng(2)
    held = []
    for _ in range(1500):
        errors = rng.uniform(0.1, 0.4, 4)
        found = random_effects(rng.normal(1, tau, 4) + rng.normal(0, errors), errors)
        held.append(found.low <= 1 <= found.high)
    assert np.mean(held) > 0.93


def test_one_data_set_has_no_interval():
    found = random_effects(np.array([0.2]), np.array([0.1]))
    assert (found.mean, found.n) == (0.2, 1)
    assert np.isnan(found.low)
