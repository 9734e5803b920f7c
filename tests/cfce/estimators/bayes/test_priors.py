"""Hyperparameters, implicit directions, convergence and ranges."""

import numpy as np
import pytest

from cfce.estimators.bayes.convergence import split_r_hat
from cfce.estimators.bayes.directions import COLUMN_POWER, LEARNT, SHARPNESS, Directions, learnt
from cfce.estimators.bayes.layout import Layout
from cfce.estimators.bayes.priors import RowPrior, draw_normal, draw_wishart
from cfce.estimators.bayes.threads import ranges
from cfce.models.feedback import POWER, implicit_directions
from cfce.splits import Part


def test_wishart_draws_have_mean_degrees_times_scale():
    scale = np.array([[1.0, 0.3], [0.3, 0.5]])
    rng = np.random.default_rng(0)
    draws = np.array([draw_wishart(7, scale, rng) for _ in range(4000)])
    np.testing.assert_allclose(draws.mean(axis=0), 7 * scale, atol=0.2)
    assert draws[:, 0, 0].var() == pytest.approx(2 * 7, rel=0.1)  # a chi-square of 7 degrees


def test_normal_draws_have_the_inverse_precision_as_covariance():
    precision = np.array([[2.0, 0.8], [0.8, 1.0]])
    draws = draw_normal(precision, 20_000, np.random.default_rng(1))
    np.testing.assert_allclose(np.cov(draws.T), np.linalg.inv(precision), atol=0.05)


def test_a_prior_without_implicit_directions_finds_mean_and_precision_of_many_rows():
    rng = np.random.default_rng(2)
    rows = (rng.standard_normal((5000, 3)) * 0.5 + [1.0, 0.0, -1.0]).astype(np.float32)
    prior = RowPrior(np.zeros((5000, 0), np.float32), np.zeros(0), 3)
    shift, centre, precision = prior.draw(rows, rng)
    assert not shift.any()
    np.testing.assert_allclose(centre, [1, 0, -1], atol=0.04)
    np.testing.assert_allclose(precision, 4 * np.eye(3), atol=0.35)


def test_a_prior_finds_the_part_of_rows_that_lies_in_the_implicit_directions():
    rng = np.random.default_rng(3)
    vectors = np.linalg.qr(rng.standard_normal((2000, 2)))[0].astype(np.float32)
    signal = vectors @ np.array([[30.0, 0.0, 5.0], [0.0, -20.0, 5.0]], dtype=np.float32)
    rows = signal + 0.3 * rng.standard_normal((2000, 3)).astype(np.float32)
    prior = RowPrior(vectors, np.array([1000.0, 800.0]), 3)
    for _ in range(20):
        shift, _, precision = prior.draw(rows, rng)
    assert np.abs(shift - signal).max() < 0.15
    np.testing.assert_allclose(precision, np.eye(3) / 0.09, atol=2)


def test_implicit_directions_are_the_top_eigenpairs_of_the_scaled_binary_matrix():
    rng = np.random.default_rng(4)
    dense = (rng.random((60, 40)) < 0.2) * 1.0
    dense[:30, :20] = rng.random((30, 20)) < 0.7  # two groups, so that the first directions stand out
    start = np.concatenate([[0], np.cumsum(dense.sum(axis=1))]).astype(np.int64)
    vectors, values = implicit_directions(start, np.nonzero(dense)[1].astype(np.int32), 40, 3, rng)
    x = dense * np.maximum(dense.sum(axis=1, keepdims=True), 1) ** -POWER
    x /= np.sqrt((x**2).sum() / 60)
    expected = np.linalg.eigvalsh(x @ x.T)[::-1][:3]
    np.testing.assert_allclose(values, expected, rtol=1e-3)
    np.testing.assert_allclose(x @ (x.T @ vectors), vectors * values, atol=0.05 * values[0])


def test_a_repeated_pair_is_one_entry_of_the_implicit_matrix_and_leaves_the_ratings_as_they_are():
    once = implicit_directions(np.array([0, 2, 3]), np.array([0, 1, 1], np.int32), 2, 2, np.random.default_rng(5))
    start, other = np.array([0, 3, 4]), np.array([0, 1, 1, 1], np.int32)
    twice = implicit_directions(start, other, 2, 2, np.random.default_rng(5))
    assert start.tolist() == [0, 3, 4]
    assert other.tolist() == [0, 1, 1, 1]
    np.testing.assert_allclose(np.sort(twice[1]), np.sort(once[1]), rtol=1e-5)


def two_groups(seed):
    """30 users of each of two groups, who rate mostly the items of their own; rows of users, and their matrix (60, 40)."""
    rng = np.random.default_rng(seed)
    dense = rng.random((60, 40)) < np.kron([[0.6, 0.1], [0.1, 0.6]], np.ones((30, 20)))
    user, item = (code.astype(np.int32) for code in np.nonzero(dense))
    part = Part(user + 1, item + 1, np.zeros(len(user), np.uint8))
    return Layout.of(part, 61, 41), dense * 1.0


def test_directions_weigh_rare_items_more_and_sharpen_the_eigenvalues():
    layout, dense = two_groups(8)
    vectors, values = Directions.of(layout, 3, np.random.default_rng(0)).user
    x = dense * dense.sum(axis=1, keepdims=True) ** -POWER * dense.sum(axis=0) ** -COLUMN_POWER
    x /= np.sqrt((x**2).sum() / 60)
    d = np.linalg.eigvalsh(x @ x.T)[::-1][:3]
    np.testing.assert_allclose(values, d[0] * (d / d[0]) ** SHARPNESS, rtol=1e-3)
    np.testing.assert_allclose(x @ (x.T @ vectors[:, 0]), vectors[:, 0] * d[0], atol=0.01 * d[0])


def test_learnt_directions_are_the_top_eigenpairs_of_the_mixture_with_the_features():
    layout, dense = two_groups(9)
    rng = np.random.default_rng(1)
    pairs, items = Directions.of(layout, 4, rng).user, rng.standard_normal((40, 3)).astype(np.float32)
    vectors, values = learnt(pairs, layout.user_start[:-1], layout.item, items)
    features = dense @ items / np.sqrt(dense.sum(axis=1, keepdims=True))
    features -= features.mean(axis=0)
    features /= np.sqrt((features**2).sum() / 60)
    mixture = (1 - LEARNT) * (pairs[0] * pairs[1]) @ pairs[0].T + LEARNT * features @ features.T
    expected = np.linalg.eigvalsh(mixture)[::-1][:4]
    np.testing.assert_allclose(values, expected, rtol=1e-3)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(4), atol=1e-4)
    np.testing.assert_allclose(mixture @ vectors, vectors * values, atol=1e-3 * values[0])


def test_a_prior_that_turns_keeps_what_of_its_means_lies_in_the_new_directions():
    rng = np.random.default_rng(2)
    basis = np.linalg.qr(rng.standard_normal((50, 4)))[0].astype(np.float32)
    prior = RowPrior(basis[:, :2], np.array([2.0, 1.0]), 3)
    prior.shift = np.array([[1.0, 2, 3], [4, 5, 6]])
    prior.mean = basis[:, :2] @ prior.shift.astype(np.float32)
    prior.turn(basis[:, 1:3], np.array([3.0, 1.0]))
    np.testing.assert_allclose(prior.shift, [[4, 5, 6], [0, 0, 0]], atol=1e-5)
    np.testing.assert_allclose(prior.mean, np.outer(basis[:, 1], [4, 5, 6]), atol=1e-5)


def test_chains_that_agree_have_r_hat_near_one_and_others_above():
    draws = np.random.default_rng(6).standard_normal((2, 500))
    assert split_r_hat(draws) == pytest.approx(1, abs=0.02)
    assert split_r_hat(draws + np.array([[0], [3]])) > 1.5
    assert np.isnan(split_r_hat([[1, 2, 3], [1, 2, 3]]))


def test_ranges_cover_all_rows_once_even_where_one_row_has_all_ratings():
    assert ranges(np.array([0] * 10 + [1000]), 4) == [0, 10]
    edges = ranges(np.arange(0, 3001, 3), 3)
    assert edges[0] == 0
    assert edges[-1] == 1000
    assert all(edge % 64 == 0 for edge in edges[1:-1])
