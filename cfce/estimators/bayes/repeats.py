"""Repeats: what a user said of an item before, said again.

Ratings of one pair share a part of their noise, noise = s (sqrt(rho) e + sqrt(1 - rho) d), with e ~ N(0, 1) of the pair and
d ~ N(0, 1) of each rating; so a held-out rating whose pair train has already is known better than its score says. A pair
that comes once is as it was, whatever rho; rho is learnt from the pairs that train holds more than once, and where there are
none, nothing is assumed of what ratings of a pair share. Asked twice, people answer much alike: Hill, Stead, Rosenstein and
Furnas, Recommending and Evaluating Choices in a Virtual Community of Use (1995).

One thing is approximate: rows, cut points and scales are drawn as if the ratings of one pair had noises of their own.
"""

import math

import numpy as np
from numpy.typing import NDArray

from cfce.estimators.bayes.latent_kernels import draw_noise
from cfce.estimators.bayes.layout import Layout
from cfce.splits import Fold

GRID = np.arange(0.005, 1, 0.01)
"""The values that rho may have, equally likely a priori."""
START = 0.5
REPEATS_EVERY = 4
"""Sweeps from one draw to the next, from half of burn-in on: the ratings are found all over the memory, and effects mix fast."""


class Repeats:
    """The pairs with a rating in train and another rating anywhere, P in all; their effects ``effect`` (P,) and ``rho``.

    Until the first draw, and for ever where ``learnable`` is false, ``rho`` is 0: a pair tells nothing.
    """

    def __init__(self, layout: Layout, fold: Fold) -> None:
        self.rho = 0.0
        user = np.repeat(np.arange(layout.n_users + 1, dtype=np.int32), np.diff(layout.user_start))
        width = layout.n_items + 1
        keys = user.astype(np.int64) * width + layout.item
        held = {part: self._keys(layout, fold, part, width) for part in fold.held_out}
        known = np.sort(keys)
        again = known[1:][known[1:] == known[:-1]]
        pairs = np.unique(np.concatenate([again, *(one[_among(one, known)] for one in held.values())]))
        self.at = np.flatnonzero(_among(keys, pairs))
        """Where in the order of the users the ratings of train of these pairs are, (m,)."""
        self.user, self.item = user[self.at], layout.item[self.at]
        self.start = np.searchsorted(self.user, np.arange(layout.n_users + 2))
        """Where a user's begin among them, (n_users + 2,)."""
        self.pair = np.searchsorted(pairs, keys[self.at])
        self.count = np.bincount(self.pair, minlength=len(pairs)).astype(np.float64)
        self.effect = np.zeros(len(pairs), dtype=np.float32)
        self._rows = {part: np.flatnonzero(_among(one, pairs)) for part, one in held.items()}
        self._pair_of = {part: np.searchsorted(pairs, held[part][rows]) for part, rows in self._rows.items()}
        self._twice = self.count > 1
        self._m, self._group = np.unique(self.count[self._twice], return_inverse=True)
        self._of_m = np.bincount(self._group)

    @property
    def learnable(self) -> bool:
        """Whether train holds a pair twice, which alone tells how much its ratings share."""
        return bool(self._twice.any())

    @staticmethod
    def _keys(layout: Layout, fold: Fold, part: str, width: int) -> NDArray[np.int64]:
        user, item = layout.rows_of(fold.part(part))
        return user.astype(np.int64) * width + item

    def draw(self, low: NDArray[np.float32], high: NDArray[np.float32], rng: np.random.Generator) -> None:
        """Draw effects and rho, given the ends (m,) that each rating's noise lies between, in units of its deviation.

        Ends that are equal are a noise that is known.
        """
        self.rho = self.rho or START
        shared = math.sqrt(self.rho) * self.effect[self.pair]
        noise = rng.random(len(low), dtype=np.float32)
        draw_noise(low, high, shared, math.sqrt(1 - self.rho), noise)
        total = self._sum(noise)
        self._draw_rho(self._by_count(self._sum(noise * noise)), self._by_count(total * total), rng)
        spread = 1 + (self.count - 1) * self.rho
        own = np.sqrt((1 - self.rho) / spread) * rng.standard_normal(len(total), dtype=np.float32)
        self.effect = (math.sqrt(self.rho) * total / spread + own).astype(np.float32)

    def _sum(self, value: NDArray[np.float32]) -> NDArray[np.float64]:
        """Sums over the ratings that train holds of each pair, (P,)."""
        return np.asarray(np.bincount(self.pair, value, len(self.count)), dtype=np.float64)

    def _by_count(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums over the pairs that train holds m times, for each m above 1."""
        return np.asarray(np.bincount(self._group, value[self._twice]), dtype=np.float64)

    def _draw_rho(self, squares: NDArray[np.float64], totals: NDArray[np.float64], rng: np.random.Generator) -> None:
        """From its posterior over ``GRID``, the effects integrated out: m normal noises of equal correlation for each pair.

        ``squares`` and ``totals`` are sums over all pairs of one m: of their squared noises, and of their squared totals.
        """
        rho, m = GRID[:, None], self._m
        spread = 1 + (m - 1) * rho
        minus_two_log = self._of_m * ((m - 1) * np.log(1 - rho) + np.log(spread)) + (squares - rho / spread * totals) / (1 - rho)
        log_density = -0.5 * minus_two_log.sum(axis=1)
        share = np.cumsum(np.exp(log_density - log_density.max()))
        self.rho = float(GRID[np.searchsorted(share, rng.random() * share[-1])])

    def told(
        self, part: str, shift: NDArray[np.float32], weight: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Scores' shifts and 1 / the deviation of the noise of a part's ratings, (N,) each, with what is known of the pairs."""
        rows, shift, weight = self._rows[part], shift.copy(), weight.copy()
        shift[rows] += math.sqrt(self.rho) * self.effect[self._pair_of[part]] / weight[rows]
        weight[rows] /= math.sqrt(1 - self.rho)
        return shift, weight


def _among(keys: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which keys are among the known ones, which are in order."""
    if not len(known):
        return np.zeros(len(keys), dtype=bool)
    return np.asarray(known[np.minimum(np.searchsorted(known, keys), len(known) - 1)] == keys)
