"""Whole fits on small data whose truth is known."""

import dataclasses

import numpy as np
import pytest

from cfce.errors import UserError
from cfce.estimators.bayes.fit import fit_bayes
from cfce.estimators.bayes.options import BayesOptions
from cfce.metrics.proper import nll
from cfce.ratings import Ratings
from cfce.scale import RatingScale
from cfce.splits import Fold, split_ratings

SHORT = BayesOptions(n_factors=3, iterations=60, burn_in=20, implicit_rank=5)


def drawn(n_levels: int = 5, n: int = 8000, seed: int = 0) -> tuple[Fold, np.ndarray]:
    """Ratings from an ordered probit with 2 factors, 100 users and 80 items; and the true probabilities of the held-out."""
    from scipy.special import ndtr

    rng = np.random.default_rng(seed)
    pair = rng.choice(100 * 80, n, replace=False)
    user, item = pair // 80, pair % 80
    p, q = rng.normal(0, 0.8, (100, 2)), rng.normal(0, 0.8, (80, 2))
    score = (p[user] * q[item]).sum(axis=1) + rng.normal(0, 0.5, 100)[user] + rng.normal(0, 0.5, 80)[item]
    cuts = np.linspace(-1.2, 1.2, n_levels - 1) if n_levels > 2 else np.zeros(1)
    level = np.searchsorted(cuts, score + rng.standard_normal(n))
    ratings = Ratings.from_columns(user, item, level + 1.0, RatingScale(tuple(range(1, n_levels + 1))))
    fold = split_ratings(ratings, "random-80-20", 0)
    truth = np.diff(ndtr(cuts - score[fold.valid_rows][:, None]), axis=1, prepend=0, append=1)
    return fold, truth


@pytest.mark.parametrize(
    ("likelihood", "n_levels", "share"),
    [("ordinal", 5, 0.84), ("ordinal", 2, 0.77), ("gaussian", 5, 0.75), ("gaussian", 2, 0.72)],
)
def test_a_fit_comes_near_the_known_limit(likelihood, n_levels, share):
    """Of the way from the true shares of each level to the true distributions; 64 ratings a user, fewer bits where K = 2."""
    fold, truth = drawn(n_levels)
    fit = fit_bayes(fold, dataclasses.replace(SHORT, likelihood=likelihood), np.random.default_rng(1))
    p = fit.probabilities["valid"]
    assert p.shape == (1600, n_levels)
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-5)
    limit, constant = nll(truth, fold.valid.level), nll(np.tile(truth.mean(axis=0), (1600, 1)), fold.valid.level)
    reached = (constant - nll(p, fold.valid.level)) / (constant - limit)
    assert reached > share


def test_the_same_generator_gives_the_same_bits_whatever_the_number_of_threads():
    fold, _ = drawn()
    alone = fit_bayes(fold, SHORT, np.random.default_rng(2))
    shared = fit_bayes(fold, dataclasses.replace(SHORT, threads=3), np.random.default_rng(2))
    other = fit_bayes(fold, SHORT, np.random.default_rng(3))
    assert np.array_equal(alone.probabilities["valid"], shared.probabilities["valid"])
    assert np.array_equal(alone.log_likelihood, shared.log_likelihood)
    assert not np.array_equal(alone.probabilities["valid"], other.probabilities["valid"])


@pytest.mark.parametrize(
    "change",
    [
        {"implicit_rank": 0},
        {"implicit_features": False},
        {"user_thresholds": False},
        {"item_scales": False},
        {"likelihood": "gaussian", "user_thresholds": False},
    ],
)
def test_every_option_can_be_left_out(change):
    fold, truth = drawn()
    fit = fit_bayes(fold, dataclasses.replace(SHORT, **change), np.random.default_rng(4))
    constant = nll(np.tile(truth.mean(axis=0), (1600, 1)), fold.valid.level)
    assert nll(fit.probabilities["valid"], fold.valid.level) < constant - 0.1


def test_unseen_users_and_items_are_predicted_from_the_prior():
    """A pair of which neither side was seen has about the shares of train; nothing is wrong with a fold that has many."""
    fold, _ = drawn()
    held_out = fold.valid_rows
    new = np.isin(fold.ratings.user, np.arange(1, 11)) | np.isin(fold.ratings.item, np.arange(1, 9))
    fold = dataclasses.replace(fold, train_rows=fold.train_rows[~new[fold.train_rows]], valid_rows=held_out)
    assert fold.unknown_counts("valid")[0] > 100
    p = fit_bayes(fold, dataclasses.replace(SHORT, iterations=420), np.random.default_rng(5)).probabilities["valid"]
    both = (fold.valid.user == 0) & (fold.valid.item == 0)
    assert both.sum() > 5
    shares = np.bincount(fold.train.level, minlength=5) / len(fold.train)
    np.testing.assert_allclose(p[both].mean(axis=0), shares, atol=0.04)


def test_two_chains_tell_r_hat_and_progress_counts_sweeps_of_both():
    fold, _ = drawn(n=3000)
    seen = []
    fit = fit_bayes(
        fold, dataclasses.replace(SHORT, chains=2), np.random.default_rng(6), lambda done, total: seen.append((done, total))
    )
    assert seen == [(done, 120) for done in range(1, 121)]
    assert fit.log_likelihood.shape == (2, 60)
    assert 0.9 < fit.r_hat < 2


def test_held_out_levels_and_pairs_change_nothing():
    fold, _ = drawn(n=3000)
    fit = fit_bayes(fold, SHORT, np.random.default_rng(7))
    half = dataclasses.replace(fold, valid_rows=fold.valid_rows[::2])
    again = fit_bayes(half, SHORT, np.random.default_rng(7))
    assert np.array_equal(fit.probabilities["valid"][::2], again.probabilities["valid"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"iterations": 50, "burn_in": 50}, "50 iterations came with a burn-in of 50"),
        ({"n_factors": 0}, "n factors 0 came; it is a whole number, 1 or above"),
        ({"implicit_rank": -1}, "implicit rank -1 came"),
        ({"threads": 1.5}, "threads 1.5 came"),
        ({"likelihood": "gausian"}, "did you mean 'gaussian'"),
    ],
)
def test_bad_options_say_what_is_allowed(options, message):
    with pytest.raises(UserError, match=message):
        BayesOptions(**options)
