"""What lies beyond the limits of an upright axis: held at its edge, with a mark that points to where it is."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

ARROWS = {1: "^", -1: "v"}
"""The mark of what lies above the axis, and below."""
INSIDE = 0.03
"""How far from the edge a held mark stands, as a share of the axis."""


def held(values: ArrayLike, low: float, high: float) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Where values stand on an axis from ``low`` to ``high``, and on which side of it they lie: 1 above, -1 below, 0 within.

    NaN stays, and lies within.

    >>> places, sides = held([0.5, 3.0, -1.0], 0.0, 1.0)
    >>> places.tolist(), sides.tolist()
    ([0.5, 0.97, 0.03], [0, 1, -1])
    """
    found = np.asarray(values, dtype=np.float64)
    sides = (found > high).astype(np.intp) - (found < low).astype(np.intp)
    room = INSIDE * (high - low)
    return np.where(sides > 0, high - room, np.where(sides < 0, low + room, found)), sides
