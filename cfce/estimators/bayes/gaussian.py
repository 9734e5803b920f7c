"""The Gaussian likelihood: a rating is its score and normal noise, whose scale may differ between users and between items.

y = score + N(0, (s_u s_i)^2) in standardised ratings, log s ~ N(m, tau^2) a priori for users, N(0, tau^2) for items. A level's
probability is that of the interval between the midpoints around it. Salakhutdinov and Mnih (2008) with noise by row.
"""

import math

import numpy as np
from numpy.typing import NDArray

from cfce.estimators.bayes import latent_kernels as kernels
from cfce.estimators.bayes.layout import Layout
from cfce.estimators.bayes.options import BayesOptions
from cfce.estimators.bayes.ordinal import OPEN
from cfce.estimators.bayes.threads import Share


class Gaussian:
    """The state of the likelihood; ``latent`` (n,) is the standardised ratings, which are known."""

    def __init__(self, layout: Layout, edges: NDArray[np.float64], values: NDArray[np.float64], options: BayesOptions) -> None:
        self.layout, self.options = layout, options
        counts = np.bincount(layout.level, minlength=len(values)) / len(layout.level)
        mean = float(counts @ values)
        deviation = math.sqrt(max(float(counts @ (values - mean) ** 2), 1e-12 * float(values[-1] - values[0]) ** 2))
        n_users, n_items = layout.n_users + 1, layout.n_items + 1
        cuts = np.concatenate([[-OPEN], (edges - mean) / deviation, [OPEN]]).astype(np.float32)
        self.cuts = np.tile(cuts, (n_users, 1))
        self.latent = ((values - mean) / deviation).astype(np.float32)[layout.level]
        self.user, self.item = _Scales(n_users, options.user_thresholds, True), _Scales(n_items, options.item_scales, False)
        self.user_weight, self.item_weight = self.user.weight, self.item.weight

    @property
    def start_values(self) -> NDArray[np.float32]:
        """The standardised ratings, (n,)."""
        return self.latent

    def ends(self, user: NDArray[np.int32], at: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What the latent values ``at`` places in the order of the users lie between: a rating is its own, (m,) each."""
        return self.latent[at], self.latent[at]

    def draw(self, sweep: int, score: NDArray[np.float32], rng: np.random.Generator, share: Share) -> float:
        """Draw the noise scales given the scores; returns the log-density of train up to a constant."""
        a, adapt = self.layout, sweep < self.options.burn_in
        squares = np.zeros(len(self.user_weight))

        def by_user(first: int, last: int) -> None:
            kernels.sum_squares(first, last, a.user_start, a.item, a.at, True, self.latent, score, self.item_weight, squares)

        share(by_user, a.user_start)
        self.user.draw(np.diff(a.user_start), squares, adapt, rng)
        total = -0.5 * float((squares * self.user_weight.astype(np.float64) ** 2).sum())
        total -= float(np.diff(a.user_start) @ self.user.log_scale + np.diff(a.item_start) @ self.item.log_scale)
        if self.options.item_scales:
            squares_of_items = np.zeros(len(self.item_weight))

            def by_item(first: int, last: int) -> None:
                kernels.sum_squares(
                    first, last, a.item_start, a.user, a.at, False, self.latent, score, self.user_weight, squares_of_items
                )

            share(by_item, a.item_start)
            self.item.draw(np.diff(a.item_start), squares_of_items, adapt, rng)
        return total


class _Scales:
    """Noise scales of the rows of a side: for each row, or one for all where not ``each`` and ``level`` is free."""

    def __init__(self, n: int, each: bool, level: bool) -> None:
        self.each, self.level = each, level
        self.log_scale = np.full(n, -0.3 if level else 0.0)
        self.weight = np.exp(-self.log_scale).astype(np.float32)
        self.centre, self.spread = float(self.log_scale[0]), 0.2
        self.step = np.full(n, 0.15)

    def draw(self, counts: NDArray[np.int64], squares: NDArray[np.float64], adapt: bool, rng: np.random.Generator) -> None:
        """One Metropolis step on each row's log-scale, given its count and sum of squares; the unseen row is last."""
        n = len(self.log_scale)
        if not self.each:  # one variance: its conditional is an inverse gamma
            self.log_scale[:] = 0.5 * math.log((squares.sum() / 2 + 1e-6) / rng.gamma(counts.sum() / 2 + 1))
        else:
            now = self.log_scale
            new = now + self.step * rng.standard_normal(n)
            gain = -counts * (new - now) - 0.5 * squares * (np.exp(-2 * new) - np.exp(-2 * now))
            gain -= ((new - self.centre) ** 2 - (now - self.centre) ** 2) / (2 * self.spread**2)
            accepted = -rng.standard_exponential(n) < gain
            self.log_scale = np.where(accepted, new, now)
            if adapt:
                self.step *= np.exp(kernels.PACE * (accepted - kernels.ACCEPTED))
            seen = self.log_scale[:-1]
            if self.level:
                self.centre = float(seen.mean() + self.spread * rng.standard_normal() / math.sqrt(n - 1))
            self.spread = math.sqrt((0.02 + float(((seen - self.centre) ** 2).sum()) / 2) / rng.gamma(1 + (n - 1) / 2))
            self.log_scale[-1] = self.centre + self.spread * rng.standard_normal()
        self.weight[:] = np.exp(-self.log_scale)
