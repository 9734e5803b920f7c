"""Wilcoxon's test against enumeration of every pattern of signs, and against scipy."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from bench.statistics.ranks import ranks_p


@pytest.mark.parametrize(
    ("differences", "ranks"), [([0.3, -0.1, 0.4, 0.2], [3, 1, 4, 2]), ([0.2, -0.1, 0.4, 0.2, 0.0], [2.5, 1, 4, 2.5])]
)
def test_the_p_value_counts_the_patterns_of_signs_that_are_as_far_from_the_middle(differences, ranks):
    """Of four ranks that sum to 10, the observed 9 and whatever is at least as far from 5; a difference of 0 has no rank."""
    sums = [sum(rank for rank, plus in zip(ranks, signs, strict=True) if plus) for signs in product((False, True), repeat=4)]
    assert ranks_p(np.array(differences)) == sum(abs(one - 5) >= 4 for one in sums) / 16 == 4 / 16


@pytest.mark.parametrize("n", [2, 5, 13, 14, 25, 50, 51])
@pytest.mark.parametrize("tied", [False, True])
def test_it_is_the_p_value_of_scipy_with_and_without_ties(n, tied):
    rng = np.random.default_rng(n)
    values = rng.normal(0.5, 1, n)
    values = values.round(1) if tied else values
    assert ranks_p(values) == stats.wilcoxon(values).pvalue
