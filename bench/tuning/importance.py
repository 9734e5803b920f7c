"""How much an option decides: the share of the spread of the scores that the option alone explains."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

GROUPS = 5


def importance(values: ArrayLike, losses: ArrayLike) -> float:
    """Epsilon squared of the ranks of n losses over groups of an option's values; NaN for fewer than two groups.

    Numbers are cut into five groups of about equal size, other values are groups themselves. It is the share of the variance of
    the ranks
    that lies between groups, less what chance gives: about 0 for an option without influence, at most 1. Of an option alone: what
    two
    options decide together shows in neither. Source: Kelley, An Unbiased Correlation Ratio Measure (1935), on ranks.

    >>> importance([1, 1, 2, 2, 3, 3], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]) > 0.8
    True
    >>> importance(["a", "b", "a", "b"], [1.0, 1.0, 2.0, 2.0])  # below what chance gives
    0.0
    """
    if not np.size(losses):
        return float("nan")
    ranks = rankdata(np.asarray(losses, dtype=np.float64))
    groups = _groups(np.asarray(values))
    n, k = len(ranks), int(groups.max()) + 1
    total = float(np.square(ranks - ranks.mean()).sum())
    if k < 2 or n <= k or not total:
        return float("nan")
    counts = np.bincount(groups, minlength=k)
    means = np.bincount(groups, weights=ranks, minlength=k) / counts
    between = float(counts @ np.square(means - ranks.mean()))
    return max(0.0, 1 - (total - between) / (n - k) * (n - 1) / total)


def _groups(values: NDArray[np.generic]) -> NDArray[np.intp]:
    """The group of each value, 0..k-1."""
    if values.dtype.kind in "if":
        cuts = np.unique(np.quantile(values.astype(np.float64), np.arange(1, GROUPS) / GROUPS))
        values = np.searchsorted(cuts, values.astype(np.float64), side="left")
    return np.asarray(np.unique(values, return_inverse=True)[1])
