"""The front of costs and losses: what no other beats in both."""

import numpy as np
from numpy.typing import NDArray


def front(costs: NDArray[np.floating], losses: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which of n points no other point dominates, (n,): none has at most its cost and at most its loss, and less of one.

    Of equal points all are on the front or none. A point that is not finite is not on it and dominates nothing.

    >>> front(np.array([1.0, 2.0, 3.0, 3.0]), np.array([0.9, 0.8, 0.85, 0.7])).tolist()
    [True, True, False, True]
    """
    there = np.isfinite(costs) & np.isfinite(losses)
    cheap = (costs[:, None] <= costs) & there[:, None]
    good = (losses[:, None] <= losses) & there[:, None]
    less = (costs[:, None] < costs) | (losses[:, None] < losses)
    return np.asarray(there & ~(cheap & good & less).any(axis=0))
