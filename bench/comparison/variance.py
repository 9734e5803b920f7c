"""Where the spread of a score comes from: the split, the initial weights, or the order of the batches.

Method of moments on a crossed design (Searle, Casella and McCulloch 1992, Variance Components, chapter 4): mean squares
are set equal to their expectations. What a design never varies on its own it cannot tell apart, and the text says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from bench.comparison.choice import choose, trials_at
from bench.comparison.scores import StudyScores
from cfce.metrics import METRICS

SOURCES = ("split", "initial weights", "order")


@dataclass(frozen=True)
class VarianceSplit:
    """The variance of a score at one learning rate by source: estimates of 0 or above, in squared units of the score."""

    configuration: str
    metric: str
    learning_rate: float
    n: int
    """Trials of the complete grid that was used."""
    mean: float
    sd: float
    """The standard deviation over all trials, those outside the grid too."""
    components: dict[str, float]
    """Source, or sources that the design does not separate, to variance; ``'interaction'`` is what they do together."""
    text: str
    """What the split can and cannot say."""

    @property
    def shares(self) -> dict[str, float]:
        """Each component as a share of their sum; NaN where all are 0."""
        total = sum(self.components.values())
        return {name: part / total if total else float("nan") for name, part in self.components.items()}


def split_variance(
    scores: StudyScores, configuration: str, metric: str = "normalized_rmse", rate: float | None = None
) -> VarianceSplit:
    """The variance of a configuration's score on the evaluation part by source, at a rate (default: chosen on valid)."""
    rate = choose(scores, scores.configurations[configuration], METRICS[metric]).learning_rate if rate is None else rate
    wanted = set(trials_at(scores, scores.configurations[configuration], rate, METRICS[metric]))
    trials = [record.trial for record in scores.configurations[configuration].trials[rate] if record.trial_id in wanted]
    values = np.array([scores.score(trial.trial_id, scores.study.evaluation_part, metric) for trial in trials])
    draws = np.array([(trial.split, trial.seed, trial.order) for trial in trials]).reshape(-1, 3)
    components, n, text = components_of(values, draws)
    mean, sd = float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else float("nan")
    return VarianceSplit(configuration, metric, rate, n, mean, sd, components, text)


def components_of(values: NDArray[np.float64], draws: NDArray[np.int64]) -> tuple[dict[str, float], int, str]:
    """Variance by source, the trials used, and what cannot be said; ``draws`` (n, 3) are split, seed and order.

    >>> values = np.array([1.0, 2.0, 3.0, 4.0])  # two splits, 2 apart, crossed with two seeds, 1 apart
    >>> components_of(values, np.array([[0, 0, 0], [0, 1, 1], [1, 0, 0], [1, 1, 1]]))[0]
    {'split': 2.0, 'initial weights and order': 0.5, 'interaction': 0.0}
    """
    if len(values) < 2:
        return {}, len(values), "One trial has no spread."
    groups, fixed = _groups(draws)
    notes = [f"Only one {name} was drawn, so what it adds is not seen." for name in fixed]
    notes += [
        f"The design varies {name} together, so their shares cannot be told apart."
        for name in map(_and, groups)
        if " and " in name
    ]
    if not groups:
        return {"repetition": float(np.var(values, ddof=1))}, len(values), " ".join(notes)
    codes = np.column_stack([np.unique(draws[:, group[0]], return_inverse=True)[1] for group in groups])
    names = [_and(group) for group in groups]
    if len(groups) == 1 and len(np.unique(codes)) == len(values):
        return {names[0]: float(np.var(values, ddof=1))}, len(values), " ".join(notes)
    grid = _complete_grid(values, codes)
    if grid is None:
        return (
            {"all sources": float(np.var(values, ddof=1))},
            len(values),
            "The grid of draws has holes; sources are not separated.",
        )
    if grid.size < len(values):
        notes.append(f"{len(values) - grid.size} trials outside the complete grid were left out.")
    return _moments(grid, names), grid.size, " ".join(notes)


def _groups(draws: NDArray[np.int64]) -> tuple[list[list[int]], list[str]]:
    """Columns that vary, those in step with each other together, and the names of those that do not vary."""
    groups: list[list[int]] = []
    fixed = []
    for column, name in enumerate(SOURCES):
        n = len(np.unique(draws[:, column]))
        if n == 1:
            fixed.append(name)
            continue
        for group in groups:
            other = draws[:, group[0]]
            if len(np.unique(other)) == n == len(np.unique(np.column_stack([other, draws[:, column]]), axis=0)):
                group.append(column)
                break
        else:
            groups.append([column])
    return groups, fixed


def _complete_grid(values: NDArray[np.float64], codes: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """The values as a full array with an axis a source, levels with holes dropped; None where fewer than two are left."""
    grid = np.full(codes.max(axis=0) + 1, np.nan)
    grid[tuple(codes.T)] = values
    while np.isnan(grid).any():
        holes = [
            (np.isnan(grid).mean(axis=tuple(other for other in range(grid.ndim) if other != axis)), axis)
            for axis in range(grid.ndim)
        ]
        share, axis = max(holes, key=lambda one: one[0].max())
        grid = np.delete(grid, int(share.argmax()), axis=axis)
        if min(grid.shape) < 2:
            return None
    return grid


def _moments(grid: NDArray[np.float64], names: Sequence[str]) -> dict[str, float]:
    """Main effects and what is left, from the mean squares of a full grid with one value a cell."""
    grand, total = grid.mean(), float(np.square(grid - grid.mean()).sum())
    squares = []
    for axis in range(grid.ndim):
        means = grid.mean(axis=tuple(other for other in range(grid.ndim) if other != axis))
        squares.append(float(np.square(means - grand).sum()) * grid.size / grid.shape[axis])
    freedom = [size - 1 for size in grid.shape]
    left = (grid.size - 1) - sum(freedom)
    residual = max(0.0, total - sum(squares)) / left if left else 0.0
    found = {
        name: max(0.0, (square / free - residual) * size / grid.size)
        for name, square, free, size in zip(names, squares, freedom, grid.shape, strict=True)
    }
    return {**found, "interaction": residual if residual > 1e-15 * max(total, 1e-300) else 0.0} if left else found


def _and(group: Sequence[int]) -> str:
    names = [SOURCES[one] for one in group]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def crossed(n_splits: int, n_seeds: int, n_orders: int) -> NDArray[np.int64]:
    """The draws of a full design, (n_splits * n_seeds * n_orders, 3).

    >>> crossed(1, 2, 1).tolist()
    [[0, 0, 0], [0, 1, 0]]
    """
    return np.array(list(product(range(n_splits), range(n_seeds), range(n_orders))))
