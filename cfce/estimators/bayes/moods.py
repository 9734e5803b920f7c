"""Moods: ratings that a user gives within minutes of each other deviate alike.

The latent value of a rating has one more term, an Ornstein-Uhlenbeck process of the user, m_u(t) ~ N(0, v) with correlation
exp(-|t - t'| / ``LENGTH``), and v is drawn. Moods are drawn at the moments of the held-out ratings too, given all ratings of
train, before and after: whoever predicts so must know when a rating is given, and under a protocol that holds out ratings at
random knows also the ones that came later. Uhlenbeck and Ornstein, On the Theory of the Brownian Motion (1930).
"""

import math

import numpy as np
from numpy.typing import NDArray

from cfce.estimators.bayes.layout import Layout
from cfce.estimators.bayes.mood_kernels import draw_moods
from cfce.estimators.bayes.threads import Share
from cfce.splits import Fold

LENGTH = 200.0
"""Seconds after which a mood's correlation with itself has fallen to 1 / e."""
MOODS_FROM = 10
"""First sweep that draws moods: before it, rows and cut points are still far from the ratings."""


class Moods:
    """The moods at every moment of train (n,), in the layout's order of the users, and of the held-out parts."""

    def __init__(self, layout: Layout, fold: Fold) -> None:
        timestamp = fold.ratings.timestamp
        assert timestamp is not None  # the estimator asked
        user = np.repeat(np.arange(layout.n_users + 1, dtype=np.int32), np.diff(layout.user_start))
        # the layout's order of the users is a stable sort of the rows of train
        order = np.argsort(layout.user_row[fold.train.user], kind="stable")
        users, times, self._parts, end = [user], [timestamp[fold.train_rows][order]], {}, len(user)
        for part in fold.held_out:
            rows = layout.user_row[fold.part(part).user]
            users.append(rows)
            times.append(timestamp[fold.rows(part)])
            self._parts[part] = slice(end, end + len(rows))
            end += len(rows)
        self.n = len(user)
        all_users, all_times = np.concatenate(users), np.concatenate(times)
        self.place = np.lexsort((all_times, all_users)).astype(np.int32)
        counts = np.bincount(all_users, minlength=layout.n_users + 1)
        self.start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        gaps = np.diff(all_times[self.place], prepend=0).astype(np.float64)
        self.decay = np.exp(-np.maximum(gaps, 0) / LENGTH).astype(np.float32)
        self.decay[self.start[:-1][counts > 0]] = 0
        self.mood = np.zeros(end, dtype=np.float32)
        self.variance = 0.04
        self.residual, self.precision = np.zeros_like(self.mood), np.zeros_like(self.mood)

    @property
    def of_train(self) -> NDArray[np.float32]:
        """The moods at the ratings of train, (n,)."""
        return self.mood[: self.n]

    def of(self, part: str) -> NDArray[np.float32]:
        """The moods at the ratings of a held-out part."""
        return self.mood[self._parts[part]]

    def draw(self, residual: NDArray[np.float32], weight: NDArray[np.float32], rng: np.random.Generator, share: Share) -> None:
        """Draw moods and their variance, given latent values of train less their scores, (n,), and 1 / noise, (n,)."""
        self.residual[: self.n], self.precision[: self.n] = residual, weight * weight
        normals = rng.standard_normal(len(self.mood), dtype=np.float32)
        mean, spread = np.empty_like(self.mood), np.empty_like(self.mood)
        squares, counts = np.zeros(len(self.start) - 1), np.zeros(len(self.start) - 1)

        def work(first: int, last: int) -> None:
            draw_moods(
                first, last, self.start, self.place, self.decay, self.residual, self.precision, self.variance, normals,
                mean, spread, self.mood, squares, counts,
            )  # fmt: skip

        share(work, self.start)
        self.variance = (0.02 + float(squares.sum()) / 2) / rng.gamma(1 + float(counts.sum()) / 2)

    @property
    def spread(self) -> float:
        """The standard deviation of moods."""
        return math.sqrt(self.variance)
