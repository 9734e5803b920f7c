"""The bootstrap over users: what a score would have been with other users of the same kind."""

from collections.abc import Iterable, Iterator

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
    user from split to split does not average out over splits.
    """

    def __init__(self, scores: StudyScores, n_replicates: int = N_REPLICATES, seed: int = 0) -> None:
        self.scores = scores
        self.n_replicates = n_replicates
        self.seed = seed
        self._found: dict[tuple[str, str], NDArray[np.float64]] = {}
        self._all: tuple[slice, NDArray[np.float32]] | None = None

    def replicates(self, metric: Metric, trials: list[tuple[int, str]]) -> NDArray[np.float64]:
        """The scores under each replicate, (n_replicates, len(trials)); ``trials`` are (split, trial id)."""
        self.prepare((metric, split, trial_id) for split, trial_id in trials)
        return np.column_stack([self._found[metric.name, trial_id] for _, trial_id in trials])

    def prepare(self, wanted: Iterable[tuple[Metric, int, str]]) -> None:
        """Draw what is not drawn yet of (metric, split, trial id): all at once takes a fraction of the time."""
        splits: dict[int, list[tuple[Metric, str]]] = {}
        for metric, split, trial_id in wanted:
            if (metric.name, trial_id) not in self._found:
                splits.setdefault(split, []).append((metric, trial_id))
                self._found[metric.name, trial_id] = np.empty(self.n_replicates)
        if splits:
            self._fill(splits)

    def _weights(self, n_users: int) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """The replicates in pieces with their weights: the same at every call, and kept where one piece is all."""
        if self._all is not None:
            yield self._all
            return
        rng = stream(self.seed, "users")
        step = max(1, _CHUNK // n_users)
        for start in range(0, self.n_replicates, step):
            rows = slice(start, min(start + step, self.n_replicates))
            weights = draw_weights(n_users, rows.stop - rows.start, rng)
            if rows.stop - rows.start == self.n_replicates:
                self._all = rows, weights
            yield rows, weights

    def _fill(self, splits: dict[int, list[tuple[Metric, str]]]) -> None:
        scale = self.scores.study.scale
        for rows, weights in self._weights(len(self.scores.user_ids)):
            for split, cells in splits.items():
                users = self.scores.users[split]
                distinct = dict.fromkeys((metric.loss_name, trial_id) for metric, trial_id in cells)
                of_loss = {metric.loss_name: metric for metric, _ in cells}
                sums = np.stack([self.scores.user_sums(one, of_loss[loss]) for loss, one in distinct], axis=1)  # (users, losses)
                drawn = weights[:, users.index]
                means = (drawn @ sums) / np.maximum(drawn @ users.counts.astype(np.float32), 1)[:, None]
                column = {key: at for at, key in enumerate(distinct)}
                for metric, one in cells:
                    of_cell = means[:, column[metric.loss_name, one]]
                    self._found[metric.name, one][rows] = metric.score(of_cell, scale)
