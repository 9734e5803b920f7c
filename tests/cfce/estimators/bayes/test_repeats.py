"""Repeats: the draw of what ratings of one pair share, and what it gives a fit."""

import dataclasses

import numpy as np
import pytest

from cfce.estimators.bayes.fit import fit_bayes
from cfce.estimators.bayes.layout import Layout
from cfce.estimators.bayes.options import BayesOptions
from cfce.estimators.bayes.repeats import GRID, Repeats
from cfce.metrics.proper import nll
from cfce.ratings import Ratings
from cfce.scale import RatingScale
from cfce.splits import Fold, split_ratings

SHORT = BayesOptions(n_factors=2, iterations=60, burn_in=20, implicit_rank=0)
SCALE = RatingScale((1, 2, 3, 4, 5))


def pairs(n_train, n_valid, n=50):
    """``n`` pairs of one user and one item each, with so many ratings of the pair in train and in valid."""
    each = n_train + n_valid
    user = np.repeat(np.arange(n), each)
    ratings = Ratings.from_columns(user, user, np.resize([1.0, 2, 3, 4, 5], n * each), SCALE)
    rows = np.arange(n * each, dtype=np.int32)
    train = rows % each < n_train
    fold = Fold(ratings, "random-80-20", 0, rows[train], rows[~train], rows[:0])
    return Repeats(Layout.of(fold.train, ratings.n_users, ratings.n_items), fold)


def test_the_effect_of_a_pair_is_drawn_from_its_normal_conditional():
    """One known noise of 1.2: mean sqrt(rho) 1.2 and variance 1 - rho, as has the rest of the noise."""
    repeats, rng = pairs(1, 1, 400), np.random.default_rng(0)
    noise = np.full(400, 1.2, dtype=np.float32)
    standard = []
    for _ in range(50):
        repeats.draw(noise, noise, rng)
        standard.append((repeats.effect - np.sqrt(repeats.rho) * 1.2) / np.sqrt(1 - repeats.rho))
    assert np.mean(standard) == pytest.approx(0, abs=4 / np.sqrt(20_000))
    assert np.var(standard) == pytest.approx(1, rel=0.04)
    shift, weight = repeats.told("valid", np.full(400, 0.1, np.float32), np.full(400, 2, np.float32))
    np.testing.assert_allclose(shift, 0.1 + np.sqrt(repeats.rho) * repeats.effect / 2, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(weight, 2 / np.sqrt(1 - repeats.rho), rtol=1e-5)


def test_a_pair_tells_nothing_before_the_first_draw():
    repeats = pairs(2, 1)
    shift, weight = repeats.told("valid", np.full(50, 0.1, np.float32), np.full(50, 2, np.float32))
    assert (shift == np.float32(0.1)).all()
    assert (weight == 2).all()


def test_a_draw_leaves_the_joint_distribution_as_it_is():
    """Geweke, JASA 99(467) (2004): rho and effects from the prior, ratings given them, one draw; rho is then as a priori."""
    repeats, rng = pairs(3, 0, 8), np.random.default_rng(1)
    cuts = np.array([-9, -0.8, 0.3, 9], np.float32)
    after = np.empty((2500, 2))
    for k in range(len(after)):
        repeats.rho = float(rng.choice(GRID))
        repeats.effect = rng.standard_normal(8, dtype=np.float32)
        noise = np.sqrt(repeats.rho) * repeats.effect[repeats.pair] + np.sqrt(1 - repeats.rho) * rng.standard_normal(24)
        level = np.searchsorted(cuts[1:-1], noise)
        repeats.draw(cuts[level], cuts[level + 1], rng)
        after[k] = repeats.rho, (repeats.effect**2).mean()
    assert after[:, 0].mean() == pytest.approx(0.5, abs=4 * np.sqrt(1 / 12 / 2500))
    assert after[:, 0].var() == pytest.approx(1 / 12, rel=0.1)
    assert after[:, 1].mean() == pytest.approx(1, abs=4 * np.sqrt(2 / 8 / 2500))


@pytest.mark.parametrize("truth", [0.0, 0.8])
def test_the_share_of_the_noise_that_a_pair_keeps_is_found(truth):
    repeats, rng = pairs(2, 0, 3000), np.random.default_rng(2)
    noise = np.sqrt(truth) * rng.standard_normal(3000)[repeats.pair] + np.sqrt(1 - truth) * rng.standard_normal(6000)
    cuts = np.array([-1e3, -1, 0, 1, 1e3], np.float32)
    level = np.searchsorted(cuts[1:-1], noise)
    for _ in range(150):
        repeats.draw(cuts[level], cuts[level + 1], rng)
    assert repeats.rho == pytest.approx(truth, abs=0.06)


def rated_twice(keep: float) -> Fold:
    """40 users rate 40 items; a second rating of half the pairs keeps so much of the first one's noise."""
    rng = np.random.default_rng(3)
    user, item = (one.ravel() for one in np.divmod(np.arange(1600), 40))
    again = rng.permutation(1600)[:800]
    first = rng.standard_normal(1600)
    second = np.sqrt(keep) * first[again] + np.sqrt(1 - keep) * rng.standard_normal(800)
    level = np.searchsorted([-1.2, -0.4, 0.4, 1.2], np.concatenate([first, second]))
    ratings = Ratings.from_columns(np.append(user, user[again]), np.append(item, item[again]), level + 1.0, SCALE)
    return split_ratings(ratings, "random-80-20", 0)


def fits(fold: Fold, options: BayesOptions):
    """Probabilities of valid with repeats and without, from the same generator."""
    return (
        fit_bayes(fold, dataclasses.replace(options, repeats=repeats), np.random.default_rng(4)).probabilities["valid"]
        for repeats in (True, False)
    )


@pytest.mark.parametrize("likelihood", ["ordinal", "gaussian"])
def test_a_pair_that_train_has_is_predicted_better_and_others_to_the_bit_as_without(likelihood):
    fold = rated_twice(0.9)
    options = dataclasses.replace(SHORT, likelihood=likelihood)
    on, off = fits(fold, options)
    known = np.isin(fold.valid.user * 100 + fold.valid.item, fold.train.user * 100 + fold.train.item)
    assert 100 < known.sum() < 300
    level = fold.valid.level[known]
    assert nll(on[known], level) < nll(off[known], level) - 0.3
    np.testing.assert_allclose(on.sum(axis=1), 1, atol=1e-5)
    assert np.array_equal(on[~known], off[~known])


def test_where_train_holds_no_pair_twice_nothing_is_assumed_of_pairs():
    """All second ratings held out, as by time: predicted to the bit as without repeats."""
    ratings = rated_twice(0.9).ratings
    rows = np.arange(len(ratings), dtype=np.int32)
    on, off = fits(Fold(ratings, "temporal-80-20", 0, rows[:1600], rows[1600:], rows[:0]), SHORT)
    assert np.array_equal(on, off)


def test_ratings_that_keep_nothing_are_predicted_as_without():
    fold = rated_twice(0.0)
    on, off = fits(fold, SHORT)
    assert abs(nll(on, fold.valid.level) - nll(off, fold.valid.level)) < 0.01
