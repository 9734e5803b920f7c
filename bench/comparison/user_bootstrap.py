"""The bootstrap over users: what a score would have been with other users of the same kind."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bench.comparison.scores import StudyScores
from cfce.metrics import Metric
from cfce.seeds import stream

N_REPLICATES = 1000
_CHUNK = 20_000_000
"""Weights held at once: 80 MB."""


def draw_weights(n_users: int, n_replicates: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """How often each user is drawn in each replicate, (n_replicates, n_users); a row sums to ``n_users``."""
    drawn = rng.integers(0, n_users, size=(n_replicates, n_users))
    drawn += np.arange(n_replicates)[:, None] * n_users
    counts = np.bincount(drawn.ravel(), minlength=n_replicates * n_users)
    return counts.reshape(n_replicates, n_users).astype(np.float32)


class UserBootstrap:
    """Scores of a study's trials under resampled users: the same users are drawn for every trial and every split.

    A user's ratings stay together, and within each split the score is taken over the drawn users' ratings of that
    split. Because the same users are in every split, they are drawn once and not anew for each: what persists in a
    person from split to split does not average out over splits.
    """

    def __init__(self, scores: StudyScores, n_replicates: int = N_REPLICATES, seed: int = 0) -> None:
        self.scores = scores
        self.n_replicates = n_replicates
        self.seed = seed
        self._found: dict[tuple[str, str], NDArray[np.float64]] = {}
        self._all: tuple[slice, NDArray[np.float32]] | None = None

    def replicates(self, metric: Metric, trials: list[tuple[int, str]]) -> NDArray[np.float64]:
        """The scores under each replicate, (n_replicates, len(trials)); ``trials`` are (split, trial id)."""
        missing = list(dict.fromkeys(one for one in trials if (metric.name, one[1]) not in self._found))
        if missing:
            self._fill(metric, missing)
        return np.column_stack([self._found[metric.name, trial_id] for _, trial_id in trials])

    def _weights(self, n_users: int) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """The replicates in pieces with their weights: the same at every call, and kept where one piece is all."""
        if self._all is not None:
            yield self._all
            return
        rng = stream(self.seed, "people")
        step = max(1, _CHUNK // n_users)
        for start in range(0, self.n_replicates, step):
            rows = slice(start, min(start + step, self.n_replicates))
            weights = draw_weights(n_users, rows.stop - rows.start, rng)
            if rows.stop - rows.start == self.n_replicates:
                self._all = rows, weights
            yield rows, weights

    def _fill(self, metric: Metric, trials: list[tuple[int, str]]) -> None:
        n_users = len(self.scores.user_ids)
        splits: dict[int, list[str]] = {}
        for split, trial_id in trials:
            splits.setdefault(split, []).append(trial_id)
            self._found[metric.name, trial_id] = np.empty(self.n_replicates)
        for rows, weights in self._weights(n_users):
            for split, ids in splits.items():
                users = self.scores.users[split]
                sums = np.stack([self.scores.user_sums(one, metric) for one in ids], axis=1)  # (users, trials)
                drawn = weights[:, users.index]
                means = (drawn @ sums) / np.maximum(drawn @ users.counts.astype(np.float32), 1)[:, None]
                for at, one in enumerate(ids):
                    self._found[metric.name, one][rows] = metric.score(means[:, at], self.scores.study.scale)
