"""The compiled blocks against closed forms."""

import numpy as np
import pytest
from scipy.special import ndtr, ndtri
from scipy.stats import norm, truncnorm

from cfce.estimators.bayes import latent_kernels, row_kernels

F = np.float32


def test_normal_cdf_agrees_with_scipy_to_float32_in_the_tail_too():
    x = np.linspace(-12, 12, 501).astype(F)
    ours = np.array([latent_kernels.normal_cdf(v) for v in x])
    np.testing.assert_allclose(ours, ndtr(x.astype(float)), rtol=1e-5)


def test_normal_quantile_agrees_with_scipy_from_1e_28_to_one():
    p = np.concatenate([10 ** np.linspace(-27, -0.4, 300), np.linspace(0.4, 0.999, 100)]).astype(F)
    ours = np.array([latent_kernels.normal_quantile(v) for v in p])
    np.testing.assert_allclose(ours, ndtri(p.astype(float)), rtol=3e-5, atol=1e-6)


@pytest.mark.parametrize(("name", "oracle", "low", "high"), [("exp", np.exp, -80, 80), ("log", lambda x: np.log(x), 1e-30, 1e30)])
def test_exp_and_log_agree_with_numpy(name, oracle, low, high):
    x = (np.linspace(low, high, 301) if name == "exp" else np.geomspace(low, high, 301)).astype(F)
    ours = np.array([getattr(latent_kernels, name)(v) for v in x])
    np.testing.assert_allclose(ours, oracle(x.astype(float)), rtol=5e-6, atol=1e-6)


def one_user(n, score, cuts, weight=1.0):
    """n ratings of level 1 by one user of one item."""
    start = np.array([0, n], dtype=np.int64)
    item, level = np.zeros(n, np.int32), np.ones(n, np.uint8)
    table = np.array([[-1e3, *cuts, 1e3]], dtype=F)
    return start, item, level, np.full(n, score, F), table, np.ones(1, F), np.full(1, weight, F)


@pytest.mark.parametrize(
    ("score", "cuts", "weight"),
    [(0.3, (-0.5, 0.6), 1.0), (0.0, (2.0, 3.5), 2.0), (1.0, (-5.0, -3.0), 1.0), (0.0, (6.0, 7.0), 1.0)],
)
def test_latent_values_have_the_moments_of_the_truncated_normal_and_stay_in_their_interval(score, cuts, weight):
    n = 40_000
    arguments = one_user(n, score, cuts, weight)
    z = np.random.default_rng(0).random(n, dtype=F)
    latent_kernels.draw_latent(0, 1, *arguments, z)
    truth = truncnorm((cuts[0] - score) * weight, (cuts[1] - score) * weight, loc=score, scale=1 / weight)
    assert z.min() >= cuts[0] - 1e-5
    assert z.max() <= cuts[1] + 1e-5
    assert abs(z.mean() - truth.mean()) < 5 * truth.std() / np.sqrt(n)
    assert z.std() == pytest.approx(truth.std(), rel=0.03)


def test_log_likelihood_is_the_sum_of_the_logarithms_of_the_interval_probabilities():
    start, item, level, score, cuts, one, weight = one_user(7, 0.3, (-0.5, 0.6), 2.0)
    total = np.zeros(1)
    latent_kernels.log_likelihood(0, 1, start, item, level, score, cuts, one, weight, total)
    expected = 7 * np.log(ndtr((0.6 - 0.3) * 2) - ndtr((-0.5 - 0.3) * 2))
    assert total[0] == pytest.approx(expected, rel=1e-6)


def test_a_users_cut_point_is_drawn_from_its_posterior():
    """One cut point c with K = 2: 3 ratings below and 9 above at score 0 give Phi(c)^3 (1 - Phi(c))^9 N(c; 0.2, 1/4)."""
    users = 2000
    start = np.arange(0, 12 * users + 1, 12, dtype=np.int64)
    level = np.tile(np.array([0] * 3 + [1] * 9, np.uint8), users)
    n = len(level)
    cuts = np.tile(np.array([-1e3, 0.0, 1e3], F), (users, 1))
    rng = np.random.default_rng(1)
    step, total = np.full(users, 0.5), np.zeros(users)
    steps = 60
    normals = rng.standard_normal((users, steps, 1), dtype=F)
    log_uniforms = -rng.standard_exponential((users, steps), dtype=F)
    latent_kernels.move_cuts(
        0, users, start, np.zeros(n, np.int32), level, np.zeros(n, F), cuts, np.ones(1, F), normals, log_uniforms,
        np.array([0.2]), np.array([[4.0]]), False, step, total,
    )  # fmt: skip
    c = np.linspace(-4, 4, 4001)
    density = ndtr(c) ** 3 * ndtr(-c) ** 9 * norm.pdf(c, 0.2, 0.5)
    density /= density.sum()
    mean = density @ c
    deviation = np.sqrt(density @ (c - mean) ** 2)
    assert abs(cuts[:, 1].mean() - mean) < 4 * deviation / np.sqrt(users)
    assert cuts[:, 1].std() == pytest.approx(deviation, rel=0.07)


def test_probabilities_are_the_differences_of_the_normal_cdf_and_add_up_to_one():
    rows = np.array([[0.5, -1.0, 0.0, 0.2]], F)
    others = np.array([[1.0, 0.25, 0.0, -0.1], [0.0, 2.0, 0.0, 0.3]], F)
    cuts = np.array([[-1e3, -0.4, 0.9, 1e3]], F)
    out = np.zeros((3, 2), F)
    user, item = np.zeros(2, np.int32), np.array([0, 1], np.int32)
    shift, weights = np.array([0.0, 0.3], F), np.array([1.0, 0.5], F)
    latent_kernels.add_probabilities(0, 2, user, item, shift, weights, rows, others, cuts, out)
    for n, (score, weight) in enumerate([(0.5 - 0.25 + 0.1, 1.0), (-2.0 + 0.5 + 0.3, 0.5)]):
        below = [0, *ndtr((np.array([-0.4, 0.9]) - score) * weight), 1]
        np.testing.assert_allclose(out[:, n], np.diff(below), atol=1e-6)


def test_improbable_levels_keep_their_digits_above_as_below():
    """Cuts far above and far below the score mirror one another: Phi(-8) is 6e-16, which 1 - Phi(8) would lose."""
    rows = others = np.zeros((1, 4), F)
    zero = np.zeros(1, np.int32)
    found = []
    for cuts in ([-1e3, -9, -8, 1e3], [-1e3, 8, 9, 1e3]):
        out = np.zeros((3, 1), F)
        latent_kernels.add_probabilities(0, 1, zero, zero, np.zeros(1, F), np.ones(1, F), rows, others, np.array([cuts], F), out)
        found.append(out[:, 0])
    np.testing.assert_allclose(found[0], found[1][::-1], rtol=1e-6)
    np.testing.assert_allclose(found[1][1:], [ndtr(-8) - ndtr(-9), ndtr(-9)], rtol=1e-4)


@pytest.mark.parametrize("width", [4, 16, 20])
def test_cholesky_factors_every_lane(width):
    rng = np.random.default_rng(2)
    x = rng.standard_normal((8, 40, width))
    matrices = np.einsum("lta,ltb->lab", x, x)
    flat = np.ascontiguousarray(matrices.transpose(1, 2, 0)).astype(F).reshape(-1)
    row_kernels.cholesky(flat, np.uint64(width), np.uint64(8))
    factor = np.tril(flat.reshape(width, width, 8).transpose(2, 0, 1))
    diagonal = np.einsum("laa->la", factor).copy()
    for lane in range(8):
        np.fill_diagonal(factor[lane], 1 / diagonal[lane])
    np.testing.assert_allclose(factor, np.linalg.cholesky(matrices), rtol=1e-4, atol=1e-4)


def test_rows_are_drawn_with_the_mean_and_covariance_of_their_normal_conditional():
    """5 ratings: precision P = L + w^2 sum x x', mean P^-1 (L m + w^2 sum (z - c) x), with x = (q, 1)."""
    rng = np.random.default_rng(3)
    copies, n, width, weight = 20_000, 5, 4, 1.5
    others = rng.standard_normal((n, width)).astype(F)
    z = rng.standard_normal(n).astype(F)
    start = np.arange(0, n * copies + 1, n, dtype=np.int64)
    other = np.tile(np.arange(n, dtype=np.int32), copies)
    precision = (np.eye(width) * 2 + 0.3).astype(F)
    mean = np.array([0.5, -0.2, 0.1, 1.0], F)
    rows = rng.standard_normal((copies, width), dtype=F)
    row_kernels.draw_rows(
        0, copies, start, other, other, True, np.tile(z, copies), np.full(copies, weight, F), np.ones(n, F), others,
        np.tile(mean @ precision, (copies, 1)), precision, rows,
    )  # fmt: skip
    x = others.astype(float).copy()
    x[:, -1] = 1
    p = precision + weight**2 * x.T @ x
    expected = np.linalg.solve(p, precision @ mean + weight**2 * x.T @ (z - others[:, -1]))
    covariance = np.linalg.inv(p)
    assert np.abs((rows.mean(axis=0) - expected) / np.sqrt(np.diag(covariance) / copies)).max() < 4
    np.testing.assert_allclose(np.cov(rows.T), covariance, atol=0.03 * covariance.max())
