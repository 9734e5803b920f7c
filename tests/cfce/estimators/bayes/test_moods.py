"""Moods: the draw of an Ornstein-Uhlenbeck process, and what it gives a fit."""

import dataclasses

import numpy as np
import pytest

from cfce.errors import UserError
from cfce.estimators import BayesOrdinal, Task
from cfce.estimators.bayes.fit import fit_bayes
from cfce.estimators.bayes.layout import Layout
from cfce.estimators.bayes.mood_kernels import draw_moods
from cfce.estimators.bayes.moods import LENGTH, Moods
from cfce.estimators.bayes.options import BayesOptions
from cfce.metrics.proper import nll
from cfce.ratings import Ratings
from cfce.scale import RatingScale
from cfce.splits import split_ratings

F = np.float32
SHORT = BayesOptions(n_factors=2, iterations=80, burn_in=30, implicit_rank=0)


def moody(protocol="random-80-20", n_users=60, each=50, spread=1.2):
    """Ratings in sittings of ten within a minute, weeks apart; all that they depend on is the mood of the sitting and noise."""
    rng = np.random.default_rng(0)
    user = np.repeat(np.arange(n_users), each)
    item = np.concatenate([rng.choice(80, each, replace=False) for _ in range(n_users)])
    sitting = np.arange(len(user)) // 10
    mood = spread * rng.standard_normal(sitting[-1] + 1)[sitting]
    level = np.searchsorted([-1.2, -0.4, 0.4, 1.2], mood + rng.standard_normal(len(user)))
    made = Ratings.from_columns(user, item, level + 1.0, RatingScale((1, 2, 3, 4, 5)))
    time = (sitting * 10**6 + rng.integers(0, 60, len(user))).astype(np.int64)
    return split_ratings(dataclasses.replace(made, timestamp=time), protocol, 0)


def test_draws_have_the_mean_and_covariance_of_the_process_given_the_residuals():
    """Against the dense normal conditional of one user's five moments, one without a rating and two at the same second."""
    time = np.array([0.0, 50.0, 50.0, 400.0, 900.0])
    residual, precision = np.array([1.0, 0.5, 0.0, -1.0, 2.0], F), np.array([1.0, 4.0, 0.0, 0.5, 2.0], F)
    variance, place = 0.7, np.array([3, 0, 4, 1, 2], np.int32)  # places differ from the order of time
    decay = np.concatenate([[0], np.exp(-np.diff(time) / LENGTH)]).astype(F)
    kernel = variance * np.exp(-np.abs(time[:, None] - time) / LENGTH)
    y, w = residual[place].astype(float), precision[place].astype(float)
    seen = w > 0
    gain = kernel[:, seen] @ np.linalg.inv(kernel[np.ix_(seen, seen)] + np.diag(1 / w[seen]))
    mean, covariance = gain @ y[seen], kernel - gain @ kernel[seen]
    rng, n = np.random.default_rng(1), 20_000
    room, spread, squares, counts = np.empty(5, F), np.empty(5, F), np.empty(1), np.empty(1)
    draws = np.empty((n, 5), F)
    for draw in draws:
        normals = rng.standard_normal(5, dtype=F)
        start = np.array([0, 5])
        draw_moods(0, 1, start, place, decay, residual, precision, variance, normals, room, spread, draw, squares, counts)
    in_time = draws[:, place]
    np.testing.assert_allclose(in_time.mean(axis=0), mean, atol=5 * np.sqrt(variance / n))
    np.testing.assert_allclose(np.cov(in_time.T), covariance, atol=0.02)
    assert np.array_equal(in_time[:, 1], in_time[:, 2])  # one second, one mood
    assert counts[0] == 4


def test_the_variance_of_known_moods_is_found():
    fold = moody()
    layout = Layout.of(fold.train, fold.ratings.n_users, fold.ratings.n_items)
    moods, rng = Moods(layout, fold), np.random.default_rng(2)
    time = fold.ratings.timestamp[fold.train_rows][np.argsort(layout.user_row[fold.train.user], kind="stable")]
    own = 1.2 * rng.standard_normal(10**3)[time // 10**6].astype(F)  # one a sitting
    for _ in range(30):
        moods.draw(own, np.full(moods.n, 30, F), rng, lambda work, start: work(0, len(start) - 1))
    # within a sitting the drawn moods are nearly constant, so their steps make the process look calmer than between sittings
    assert 0.5 < np.sqrt(moods.variance) < 1.4
    assert np.abs(moods.of_train - own).max() < 0.3
    assert set(np.unique(np.diff(moods.start))) <= {0, 50}


def test_with_time_a_fit_finds_the_mood_of_a_sitting_that_ids_cannot_know():
    fold = moody()
    without, within = (
        fit_bayes(fold, dataclasses.replace(SHORT, time=time), np.random.default_rng(3)).probabilities["valid"]
        for time in (False, True)
    )
    assert nll(within, fold.valid.level) < nll(without, fold.valid.level) - 0.15
    np.testing.assert_allclose(within.sum(axis=1), 1, atol=1e-5)


def test_threads_change_no_bit_with_moods_either():
    fold, options = moody(), dataclasses.replace(SHORT, time=True, iterations=40)
    alone, shared = (
        fit_bayes(fold, dataclasses.replace(options, threads=threads), np.random.default_rng(4)) for threads in (1, 3)
    )
    assert np.array_equal(alone.probabilities["valid"], shared.probabilities["valid"])


def test_time_without_timestamps_and_users_without_ratings_are_told():
    fold = moody()
    estimator = BayesOrdinal(time=True)
    estimator.check(fold)
    without = split_ratings(dataclasses.replace(fold.ratings, timestamp=None), "random-80-20", 0)
    with pytest.raises(UserError, match=r"time=true came, but 'ratings' has no timestamps; leave it out"):
        estimator.check(without)
    BayesOrdinal().check(without)
    with pytest.raises(UserError, match="protocol 'cold-users', whose held-out users are not in train"):
        estimator.check(moody("cold-users"))


def test_two_chains_print_their_r_hat():
    options = {"n_factors": 2, "iterations": 40, "burn_in": 20, "implicit_rank": 0}
    fold = moody()
    assert BayesOrdinal(**options).fit(Task(fold, 0, 0)).printed == ""
    told = BayesOrdinal(**options, chains=2).fit(Task(fold, 0, 0)).printed
    assert told.startswith("R-hat of the log-likelihood of train over 2 chains after burn-in: ")
    assert 0.9 < float(told.split(": ")[1].split(";")[0]) < 5
