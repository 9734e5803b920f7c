"""Splits and seeds as crossed random effects, against arithmetic, analysis of variance by a peer, and a bootstrap."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.statistics.crossed import crossed, design_of
from bench.statistics.estimate import estimate
from bench.statistics.pigeonhole import pigeonhole_weights
from cfce.errors import UserError


def _grid(n_splits, n_seeds):
    return np.repeat(np.arange(n_splits), n_seeds), np.tile(np.arange(n_seeds), n_splits)


def _drawn(splits, seeds, sd, rng):
    """Values with standard deviations of splits, seeds and the rest."""
    return (
        sd[0] * rng.standard_normal(splits.max() + 1)[splits]
        + sd[1] * rng.standard_normal(seeds.max() + 1)[seeds]
        + sd[2] * rng.standard_normal(len(splits))
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 6), st.integers(2, 5), st.integers(0, 3), st.integers(0, 10_000))
def test_mean_squares_are_those_of_the_analysis_of_variance_also_with_holes(n_splits, n_seeds, holes, seed):
    rng = np.random.default_rng(seed)
    splits, seeds = _grid(n_splits, n_seeds)
    kept = np.ones(len(splits), dtype=bool)
    kept[rng.choice(len(splits), min(holes, len(splits) // 4), replace=False)] = False
    splits, seeds = splits[kept], seeds[kept]
    counts = [len(np.unique(splits[seeds == one])) for one in np.unique(seeds)]
    if min(counts) < 2:
        return  # that seed is not shared
    values = _drawn(splits, seeds, (1.0, 2.0, 0.5), rng)
    found = crossed(values, design_of(splits, seeds))
    table = _anova(pd.DataFrame({"y": values, "split": splits, "seed": seeds}))
    for one, row in ((found.splits, "C(split)"), (found.seeds, "C(seed)"), (found.rest, "Residual")):
        if table.df[row]:
            assert one is not None
            assert one.freedom == table.df[row]
            assert one.value == pytest.approx(table.sum_sq[row] / table.df[row], rel=1e-6, abs=1e-9)


def _anova(frame):
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    return anova_lm(ols("y ~ C(split) + C(seed)", frame).fit(), typ=2)


def test_a_complete_grid_has_the_variance_of_two_way_clustering():
    splits, seeds = _grid(4, 3)
    values = _drawn(splits, seeds, (1.0, 2.0, 0.5), np.random.default_rng(0))
    found = crossed(values, design_of(splits, seeds))
    table = values.reshape(4, 3)
    rest = table - table.mean(1, keepdims=True) - table.mean(0) + table.mean()
    by_hand = table.mean(1).var(ddof=1) / 4 + table.mean(0).var(ddof=1) / 3 - (rest**2).sum() / 6 / 12
    assert sum(one.variance for one in (found.splits, found.seeds, found.rest)) == pytest.approx(by_hand)
    assert found.mean == pytest.approx(values.mean())


def test_seeds_of_their_own_leave_the_spread_of_the_splits_means():
    splits = np.repeat(np.arange(4), 3)
    values = np.random.default_rng(0).standard_normal(12)
    found = crossed(values, design_of(splits, np.arange(12)))
    assert found.seeds is None
    assert found.n_shared == 0
    assert found.splits.variance == pytest.approx(values.reshape(4, 3).mean(1).var(ddof=1) / 4)
    assert (found.splits.freedom, found.rest.share) == (3, 0.0)


def test_in_one_split_the_fits_are_the_units():
    values = np.array([1.0, 2.0, 4.0])
    found = crossed(values, design_of(np.zeros(3, dtype=int), np.arange(3)))
    assert found.splits is None
    assert (found.rest.variance, found.rest.freedom) == (pytest.approx(values.var(ddof=1) / 3), 2)


def test_one_seed_that_all_splits_share_shows_no_spread():
    found = crossed(np.array([1.0, 2.0, 4.0]), design_of(np.arange(3), np.zeros(3, dtype=int)))
    assert found.seeds is None
    assert found.n_shared == 1
    assert found.splits.variance == pytest.approx(np.var([1, 2, 4], ddof=1) / 3)


def test_an_interval_covers_where_one_seed_is_shared_beside_others():
    """400 studies of five splits, each with the shared seed and two of its own, no true difference: 95 % or more hold 0."""
    rng = np.random.default_rng(3)
    splits = np.repeat(np.arange(5), 3)
    seeds = np.array([[0, 1 + 2 * split, 2 + 2 * split] for split in range(5)]).ravel()
    found = [estimate(_drawn(splits, seeds, (0.3, 1.0, 0.5), rng), splits, seeds) for _ in range(400)]
    assert {one.generalises_to for one in found} == {("splits", "seeds")}
    assert np.mean([one.low <= 0 <= one.high for one in found]) > 0.95


@pytest.mark.parametrize("holes", [0, 6])
def test_components_and_the_variance_of_the_mean_are_right_on_average(holes):
    """Over 3,000 draws of 6 splits by 5 seeds: components 1, 4 and 0.25, whether or not some fits are missing."""
    rng = np.random.default_rng(1)
    splits, seeds = _grid(6, 5)
    kept = np.sort(rng.permutation(30)[holes:])
    splits, seeds = splits[kept], seeds[kept]
    design = design_of(splits, seeds)
    found = [crossed(_drawn(splits, seeds, (1.0, 2.0, 0.5), rng), design) for _ in range(3000)]
    # components are cut off at 0, which these are far from
    assert np.mean([one.components for one in found], axis=0) == pytest.approx([1.0, 4.0, 0.25], rel=0.08)
    told = np.mean([one.splits.variance + one.seeds.variance + one.rest.variance for one in found])
    assert told == pytest.approx(np.var([one.mean for one in found]), rel=0.08)


def test_the_pigeonhole_bootstrap_gives_the_variance_of_the_mean():
    """Owen (2007), theorem 1: it adds up what splits and seeds give, and up to three times the rest, which is small here."""
    rng = np.random.default_rng(2)
    splits, seeds = _grid(12, 12)
    values = _drawn(splits, seeds, (1.0, 1.0, 0.1), rng)
    design = design_of(splits, seeds)
    weights = pigeonhole_weights(design, 4000, rng)
    drawn = (weights @ values) / weights.sum(axis=1)
    found = crossed(values, design)
    told = found.splits.variance + found.seeds.variance + found.rest.variance
    assert drawn.var() == pytest.approx(told * 11 / 12, rel=0.08)


def test_designs_that_do_not_fit_are_refused():
    with pytest.raises(UserError, match="3 splits and 2 seeds came"):
        design_of(np.arange(3), np.arange(2))
    with pytest.raises(UserError, match="0 splits and no seeds came"):
        design_of(np.array([], dtype=int))
