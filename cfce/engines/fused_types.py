"""What is passed to the compiled loops: named tuples, and their numba types. Importing this file imports numba."""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from cfce.engines.fused_layout import Layout
from cfce.objectives.kernel import signatures


class Moving(NamedTuple):
    """Weights laid flat, (P,), and Adam's averages of their gradients and of the squares of these."""

    weights: NDArray[np.float32]
    average: NDArray[np.float32]
    square: NDArray[np.float32]


class Columns(NamedTuple):
    """The ratings of a part: codes and levels, (n,) each."""

    user: NDArray[np.int32]
    item: NDArray[np.int32]
    level: NDArray[np.uint8]


class Target(NamedTuple):
    """What the loops know of an objective beside its functions.

    ``constants`` are its own, ``scratch`` is what it may write in. Scores go through a sigmoid into the range from ``low`` to
    ``high``, unless both are 0.
    """

    constants: NDArray[np.float32]
    scratch: NDArray[np.float32]
    low: np.float32
    high: np.float32


class Feedback(NamedTuple):
    """Implicit feedback: the features of each row, users first, (rows * R,), and what they are multiplied by.

    ``moving`` holds the directions of users, (R, n_factors) laid flat, and then those of items, (R, dots * n_factors).
    """

    features: NDArray[np.float32]
    moving: Moving


class Schedule(NamedTuple):
    """Learning rate and momentum of every step of the training, weight decay, and the steps taken before this epoch."""

    rates: NDArray[np.float64]
    momenta: NDArray[np.float64]
    weight_decay: float
    done: int


OFFSET = types.uint64
VECTOR = types.float32[::1]
DOUBLE = types.float64[::1]
CODES = types.Array(types.int32, 1, "C", readonly=True)
_LEVELS = types.Array(types.uint8, 1, "C", readonly=True)
READ_ONLY = types.Array(types.float32, 1, "C", readonly=True)
MOVING = types.NamedUniTuple(VECTOR, 3, Moving)  # type: ignore[no-untyped-call]
LAYOUT = types.NamedUniTuple(OFFSET, len(Layout._fields), Layout)  # type: ignore[no-untyped-call]
COLUMNS = types.NamedTuple((CODES, CODES, _LEVELS), Columns)  # type: ignore[no-untyped-call]
TARGET = types.NamedTuple((READ_ONLY, VECTOR, types.float32, types.float32), Target)  # type: ignore[no-untyped-call]
FEEDBACK = types.NamedTuple((READ_ONLY, MOVING), Feedback)  # type: ignore[no-untyped-call]
SCHEDULE = types.NamedTuple((DOUBLE, DOUBLE, types.float64, types.int64), Schedule)  # type: ignore[no-untyped-call]
STEP, OUTPUT = (types.FunctionType(signature) for signature in signatures())
