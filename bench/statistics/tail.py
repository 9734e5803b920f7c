"""Heavy tails: where a few trainings end far from the others, a mean over few seeds misses them.

A start that is trapped in one training of six is in none of five seeds in 40 % of studies; the five then lie close together, and
their interval misses the mean. What is seen of a tail is skewness; what is not seen can only be named: how many fits there are,
and how rare a failure they could all have missed. Many fits bear a tail: the 95 % interval of a mean errs in no more than 6 % of
samples of n > 25 G1^2, of skewness G1 (Cochran 1977, Sampling Techniques, section 2.15).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEW_SEEDS = 17
"""Independent trainings below which a failure of one in six is missed by all of them in more than 5 % of studies: (5/6)^17 =
.045."""
FAR = 3.5
"""Robust standard deviations from the median that make an outlying fit: Iglewicz and Hoaglin (1993), How to Detect Outliers."""
CERTAIN = 0.95


@dataclass(frozen=True)
class Tail:
    """What n scores show of a heavy tail."""

    skewness: float
    """The adjusted Fisher-Pearson coefficient; NaN for fewer than three scores."""
    error: float
    """Its standard error where scores are normal (Joanes and Gill 1998, Comparing Measures of Sample Skewness)."""
    outlying: tuple[int, ...]
    """The scores far from the median on the side of the tail."""
    n: int = 0

    @property
    def heavy(self) -> bool:
        """Whether the skewness is more than two standard errors, and more than a mean over n scores bears (Cochran 1977)."""
        return bool(abs(self.skewness) > 2 * self.error and self.n < 25 * self.skewness**2)


def tail_of(scores: NDArray[np.floating], splits: NDArray[np.integer] | None = None) -> Tail:
    """The tail of n scores (n,), around the medians of their splits where each split has three or more.

    >>> tail_of(np.array([0.91, 0.92, 0.90, 0.91, 0.99])).heavy, tail_of(np.array([0.91, 0.92, 0.90, 0.91, 0.99])).outlying
    (True, (4,))
    """
    values = np.asarray(scores, dtype=np.float64)
    of_split = [] if splits is None else [np.asarray(splits) == one for one in np.unique(splits)]
    if of_split and min(one.sum() for one in of_split) > 2:
        values = values - sum(one * np.median(values[one]) for one in of_split)
    n = len(values)
    spread = float(values.std())
    if n < 3 or spread <= 1e-12 * (1 + np.abs(values).max()):
        return Tail(float("nan"), float("nan"), (), n)
    skewness = float(np.mean(((values - values.mean()) / spread) ** 3)) * np.sqrt(n * (n - 1)) / (n - 2)
    error = np.sqrt(6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3)))
    around = values - np.median(values)
    scale = float(np.median(np.abs(around))) / 0.6745
    far = np.flatnonzero(around * np.sign(skewness) > FAR * scale) if scale else np.array([], dtype=int)
    return Tail(float(skewness), float(error), tuple(int(one) for one in far), n)


def tails_of(
    scores: NDArray[np.floating], splits: NDArray[np.integer], shares: NDArray[np.floating], options: Sequence[int]
) -> dict[int, Tail]:
    """The tails of the scores (options, n) at each of ``options`` that these fits might choose, by option.

    ``shares`` (options,) are how often resampled fits choose each. Few fits show little of where others would be, so that all
    options are looked at: a start that is trapped at a lower learning rate may be trapped at the chosen one, too.
    """
    found = {}
    for option in options:
        there = np.isfinite(scores[option])
        if shares[option] > 0 or there.sum() < FEW_SEEDS:
            found[option] = tail_of(scores[option][there], splits[there])
    return found


def missed_share(n: int) -> float:
    """The share of trainings that may fail with none of n showing it, at 95 % confidence.

    Hanley and Lippman-Hand (1983), If Nothing Goes Wrong, Is Everything All Right?

    >>> round(missed_share(5), 2), round(missed_share(20), 2)
    (0.45, 0.14)
    """
    return float(1 - (1 - CERTAIN) ** (1 / n)) if n else 1.0
