"""Users as a random effect that is crossed with splits: the same users are in every split.

What other users would give is seen where users are resampled: a user's ratings stay together, and the same users are drawn for
every split and seed. The draws come as replicates (R, n): n differences under each of R draws.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.statistics.crossed import Design


@dataclass(frozen=True)
class UserVariance:
    """What users, and their ratings within a split, add to the variance of a mean."""

    shared: float
    """What is the same in every split, so that more splits do not average it out; at least 0."""
    whole: float
    """With the sampling of users and ratings within each split."""


def user_variance(replicates: NDArray[np.floating], design: Design, effective: float = float("inf")) -> UserVariance:
    """The variance that users give the mean of a design, from its differences under resampled users (R, n).

    The shared part is how two splits' means move together (in one split: two fits). With ``effective`` users the plug-in
    variance of a bootstrap is (effective - 1) / effective of the variance, which is put right.

    >>> from bench.statistics.crossed import design_of
    >>> moves = np.array([[-1.0, -1.0], [1.0, 1.0], [-1.0, -1.0], [1.0, 1.0]])  # both splits move together
    >>> found = user_variance(moves, design_of(np.array([0, 1])))
    >>> round(found.shared, 3), round(found.whole, 3)
    (1.333, 1.333)
    """
    units = unit_means(replicates, design)
    n = units.shape[1]
    centred = units - units.mean(axis=0)
    grow = effective / (effective - 1) if 1 < effective < np.inf else 1.0
    whole = float(np.square(centred.mean(axis=1)).sum() / (len(centred) - 1)) * grow
    if n < 2:
        return UserVariance(whole, whole)
    of_one = float(np.square(centred).sum() / (len(centred) - 1) / n) * grow
    return UserVariance(max(0.0, (n * whole - of_one) / (n - 1)), whole)


def unit_means(values: NDArray[np.floating], design: Design) -> NDArray[np.float64]:
    """The means of the splits (..., S), or in one split the fits themselves (..., n), of values (..., n)."""
    return np.asarray(values @ design.averages if design.n_splits > 1 else values, dtype=np.float64)


def effective_users(counts: NDArray[np.floating]) -> float:
    """As how many users with equally many ratings those with ``counts`` (users,) ratings weigh: (sum c)^2 / sum c^2.

    Kish, Survey Sampling (1965), section 11.2.

    >>> effective_users(np.array([10.0, 10.0])), round(effective_users(np.array([96.0, 1, 1, 1, 1])), 2)
    (2.0, 1.08)
    """
    total = float(np.square(counts).sum())
    return float(np.sum(counts)) ** 2 / total if total else 0.0
