"""The ordered-probit likelihood: cut points for each user or for all, and a noise scale for each item.

z = score + N(0, s_i^2), and the level is k where T_u[k] < z <= T_u[k + 1]. A priori T_u ~ N(m, S) and log s_i ~ N(0, tau^2),
with hyperparameters drawn too. Latent values by data augmentation: Albert and Chib, Bayesian Analysis of Binary and
Polychotomous Response Data (1993); cut points and scales are drawn with the latent values integrated out, which mixes faster:
Cowles, Accelerating Monte Carlo Markov Chain Convergence for Cumulative-Link Generalized Linear Models (1996).
Thresholds for each user: Koren and Sill, OrdRec (2011).
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from cfce.estimators.bayes import latent_kernels as kernels
from cfce.estimators.bayes.layout import Layout
from cfce.estimators.bayes.options import BayesOptions
from cfce.estimators.bayes.priors import draw_normal, draw_wishart
from cfce.estimators.bayes.threads import Share

OPEN = 1e3
"""Stands for infinity at the ends of a user's cut points."""
STEPS = 2
"""Metropolis steps on a user's cut points in each sweep."""
SHARED_SWEEPS = 10
"""First sweeps, in which all users share their cut points, and these are fitted, not drawn."""
SAMPLE = 100_000
"""Ratings at most that the shared cut points are fitted to."""
SCALES_FROM = 20
"""First sweep that draws item scales, every second from then on."""


class Ordinal:
    """The state of the likelihood over a layout; ``cuts`` (n_users + 1, K + 1), ``item_weight`` = 1 / s_i (n_items + 1,)."""

    def __init__(self, layout: Layout, edges: NDArray[np.float64], options: BayesOptions) -> None:
        self.layout, self.options = layout, options
        n_users, n_items, n_levels = layout.n_users + 1, layout.n_items + 1, len(edges) + 1
        counts = np.bincount(layout.level, minlength=n_levels) + 0.5
        self.centre = np.asarray(ndtri(np.cumsum(counts)[:-1] / counts.sum()))
        self.precision = 20 * np.eye(n_levels - 1)
        self.cuts = np.full((n_users, n_levels + 1), OPEN, dtype=np.float32)
        self.cuts[:, 0] = -OPEN
        self.cuts[:, 1:-1] = self.centre
        self.user_weight = np.ones(n_users, dtype=np.float32)
        self.item_weight = np.ones(n_items, dtype=np.float32)
        self.log_scale = np.zeros(n_items)
        self.spread = 0.2
        self.user_step = np.full(n_users, 0.12)
        self.item_step = np.full(n_items, 0.15)
        self.shared_step = 1 / math.sqrt(len(layout.level))
        self.total = np.zeros(n_users)
        self.latent = np.empty(len(layout.level), dtype=np.float32)

    @property
    def start_values(self) -> NDArray[np.float32]:
        """A latent value for each rating to start from: the middle of its level's interval, (n,)."""
        low, high = self.centre[0] - 1.2, self.centre[-1] + 1.2
        edges = np.concatenate([[low], self.centre, [high]])
        middle: NDArray[np.float32] = ((edges[1:] + edges[:-1]) / 2).astype(np.float32)
        return middle[self.layout.level]

    def ends(self, user: NDArray[np.int32], at: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The cut points below and above the ratings ``at`` places in the order of the users, given their users, (m,) each."""
        level = self.layout.level[at].astype(np.int64)
        return self.cuts[user, level], self.cuts[user, level + 1]

    def draw(self, sweep: int, score: NDArray[np.float32], rng: np.random.Generator, share: Share) -> float:
        """Draw cut points, scales and latent values given the scores; returns the log-likelihood of train."""
        adapt = sweep < self.options.burn_in
        if sweep < SHARED_SWEEPS:
            self._fit_shared_cuts(score, rng)
            self.total = self._log_likelihood(self.cuts, score, share)
        elif self.options.user_thresholds:
            self._draw_user_cuts(score, adapt, rng, share)
        else:
            self._draw_shared_cuts(score, adapt, rng, share)
        log_likelihood = float(self.total.sum())
        if self.options.item_scales and sweep >= SCALES_FROM and sweep % 2 == 0:
            self._draw_scales(score, adapt, rng, share)
        rng.random(out=self.latent, dtype=np.float32)
        a = self.layout

        def work(first: int, last: int) -> None:
            kernels.draw_latent(
                first, last, a.user_start, a.item, a.level, score, self.cuts, self.user_weight, self.item_weight, self.latent
            )

        share(work, a.user_start)
        return log_likelihood

    def _fit_shared_cuts(self, score: NDArray[np.float32], rng: np.random.Generator) -> None:
        """Two Fisher scoring steps, diagonal, on the likelihood of a sample of ratings: McCullagh (1980), section 2."""
        n = len(score)
        rows = np.arange(n) if n <= SAMPLE else rng.integers(0, n, SAMPLE)
        level, at = self.layout.level[rows].astype(np.int64), score[rows].astype(np.float64)
        n_levels = len(self.centre) + 1
        for _ in range(2):
            edges = np.concatenate([[-OPEN], self.centre, [OPEN]])
            low, high = edges[level] - at, edges[level + 1] - at
            p = np.maximum(ndtr(high) - ndtr(low), 1e-9)
            up, down = (np.exp(-0.5 * np.minimum(x**2, 80)) / math.sqrt(2 * math.pi) / p for x in (high, low))
            slope = np.bincount(level, up, n_levels)[:-1] - np.bincount(level, down, n_levels)[1:]
            curvature = np.bincount(level, up**2, n_levels)[:-1] + np.bincount(level, down**2, n_levels)[1:]
            moved = self.centre + slope / (curvature + 1e-3)
            if np.diff(moved, prepend=-OPEN).min() < kernels.LEAST_GAP:
                break
            self.centre = moved
        self.cuts[:, 1:-1] = self.centre
        self.shared_step = 1 / math.sqrt(curvature.mean() * n / len(rows) + 1)

    def _draw_user_cuts(self, score: NDArray[np.float32], adapt: bool, rng: np.random.Generator, share: Share) -> None:
        a, n, n_cuts = self.layout, len(self.cuts), len(self.centre)
        normals = rng.standard_normal((n, STEPS, n_cuts), dtype=np.float32)
        log_uniforms = -rng.standard_exponential((n, STEPS), dtype=np.float32)

        def work(first: int, last: int) -> None:
            kernels.move_cuts(
                first, last, a.user_start, a.item, a.level, score, self.cuts, self.item_weight, normals, log_uniforms,
                self.centre, self.precision, adapt, self.user_step, self.total,
            )  # fmt: skip

        share(work, a.user_start)
        # after the users, who start alike: a prior drawn from equal cut points would hold them together for long
        seen = self.cuts[:-1, 1:-1].astype(np.float64)
        mean = seen.mean(axis=0)
        scatter = 0.2 * np.eye(n_cuts) + (seen - mean).T @ (seen - mean)
        self.precision = draw_wishart(n_cuts + 5 + len(seen), np.linalg.inv(scatter), rng)
        self.centre = mean + draw_normal(self.precision * len(seen), 1, rng)[0]
        # the unseen user has no ratings to compare proposals by: a draw from the prior, in order
        self.cuts[-1, 1:-1] = np.sort(self.centre + draw_normal(self.precision, 1, rng)[0])

    def _draw_shared_cuts(self, score: NDArray[np.float32], adapt: bool, rng: np.random.Generator, share: Share) -> None:
        current = self._log_likelihood(self.cuts, score, share)
        for _ in range(STEPS):
            proposal = self.cuts.copy()
            proposal[:, 1:-1] += (self.shared_step * rng.standard_normal(len(self.centre))).astype(np.float32)
            accepted = False
            if np.diff(proposal[0]).min() >= kernels.LEAST_GAP:
                there = self._log_likelihood(proposal, score, share)
                accepted = -rng.standard_exponential() < there.sum() - current.sum()
                if accepted:
                    self.cuts, current = proposal, there
            if adapt:
                self.shared_step *= math.exp(kernels.PACE * (accepted - kernels.ACCEPTED))
        self.total = current
        self.centre = self.cuts[0, 1:-1].astype(np.float64)

    def _log_likelihood(self, cuts: NDArray[np.float32], score: NDArray[np.float32], share: Share) -> NDArray[np.float64]:
        a, total = self.layout, np.zeros(len(cuts))

        def work(first: int, last: int) -> None:
            kernels.log_likelihood(
                first, last, a.user_start, a.item, a.level, score, cuts, self.user_weight, self.item_weight, total
            )

        share(work, a.user_start)
        return total

    def _draw_scales(self, score: NDArray[np.float32], adapt: bool, rng: np.random.Generator, share: Share) -> None:
        a, n = self.layout, len(self.log_scale)
        normals = rng.standard_normal(n, dtype=np.float32)
        log_uniforms = -rng.standard_exponential(n, dtype=np.float32)

        def work(first: int, last: int) -> None:
            kernels.move_scales(
                first, last, a.item_start, a.user, a.at, a.level, score, self.cuts, self.user_weight, normals, log_uniforms,
                self.spread, adapt, self.item_step, self.log_scale,
            )  # fmt: skip

        share(work, a.item_start)
        squares = float((self.log_scale[:-1] ** 2).sum())
        self.spread = math.sqrt((0.02 + squares / 2) / rng.gamma(1 + (n - 1) / 2))
        self.log_scale[-1] = self.spread * rng.standard_normal()
        self.item_weight[:] = np.exp(-self.log_scale)
