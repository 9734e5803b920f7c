"""Scores of levels: how often the decoded level is the observed level, and which levels it is taken for."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cfce.errors import UserError


def hits(levels: ArrayLike, true_levels: ArrayLike) -> NDArray[np.bool_]:
    """Whether each level is right, (N,)."""
    return np.asarray(np.asarray(levels) == np.asarray(true_levels))


def accuracy(levels: ArrayLike, true_levels: ArrayLike) -> float:
    """The share of N levels that are right; NaN for none.

    >>> accuracy([3, 3, 4], [3, 4, 4])
    0.6666666666666666
    """
    right = hits(levels, true_levels)
    return float(right.mean()) if right.size else float("nan")


def normalized_accuracy(accuracy: float, n_levels: int) -> float:
    """Accuracy above that of a uniform guess, as a share of what is left above it: (a - 1/K) / (1 - 1/K).

    Chance 1/K is a weak yardstick where levels are not equally frequent: see ``skill`` against a constant prediction.

    >>> round(normalized_accuracy(0.415, 5), 4)
    0.2687
    """
    return (accuracy - 1 / n_levels) / (1 - 1 / n_levels)


def confusion_matrix(levels: ArrayLike, true_levels: ArrayLike, n_levels: int) -> NDArray[np.int64]:
    """Counts, (K, K): row = the observed level, column = the level that was predicted.

    Raises ``UserError`` where the two differ in length or hold a level outside 0..K-1.

    >>> confusion_matrix([0, 1, 1], [0, 0, 1], 2).tolist()
    [[1, 1], [0, 1]]
    """
    predicted, observed = np.asarray(levels, dtype=np.int64), np.asarray(true_levels, dtype=np.int64)
    if predicted.shape != observed.shape:
        raise UserError(f"{len(predicted)} predicted levels came for {len(observed)} ratings; give one for each")
    for what, found in (("predicted", predicted), ("true", observed)):
        if found.size and not 0 <= found.min() <= found.max() < n_levels:
            raise UserError(f"{what} levels from {found.min()} to {found.max()} came; levels are 0 to {n_levels - 1}")
    return np.bincount(observed * n_levels + predicted, minlength=n_levels**2).reshape(n_levels, n_levels)


def recall_by_level(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share of the ratings of each level whose level was predicted, (K,); NaN for a level that was never observed.

    >>> recall_by_level(np.array([[1, 1], [0, 1]])).tolist()
    [0.5, 1.0]
    """
    observed = confusion.sum(axis=1)
    right = np.diag(confusion).astype(np.float64)
    return np.asarray(np.divide(right, observed, out=np.full(len(observed), np.nan), where=observed > 0))


def never_predicted(confusion: NDArray[np.int64]) -> list[int]:
    """The levels that are observed but never predicted.

    >>> never_predicted(np.array([[0, 2], [0, 1]]))
    [0]
    """
    return [int(level) for level in np.flatnonzero((confusion.sum(axis=0) == 0) & (confusion.sum(axis=1) > 0))]


def quadratic_weighted_kappa(confusion: NDArray[np.int64]) -> float:
    """Agreement beyond chance with disagreements weighted by their squared distance in levels (Cohen 1968).

    1 for full agreement, 0 for what the two sets of marginals would agree on by chance; NaN where only one level
    occurs on both sides.

    >>> quadratic_weighted_kappa(np.array([[1, 1], [0, 2]]))
    0.5
    """
    n_levels = len(confusion)
    distance = np.subtract.outer(np.arange(n_levels), np.arange(n_levels)) ** 2
    total = confusion.sum()
    by_chance = (distance * np.outer(confusion.sum(axis=1), confusion.sum(axis=0))).sum()
    return float(1 - (distance * confusion).sum() * total / by_chance) if by_chance else float("nan")
