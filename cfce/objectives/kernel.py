"""The two compiled functions by which the fused engine knows an objective.

The engine's loop takes them as first-class functions of one fixed signature, so that one compiled loop serves every
objective, and numba finds the loop and the functions in its cache on disk (a closure or a dispatcher as an argument would be
compiled again in every process).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]

Step = Callable[[Vector, int, Vector, Vector, Vector, Vector, Vector], float]
"""``step(scores, level, constants, head, slopes, head_gradient, scratch) -> loss`` of one rating.

``scores`` are the D outputs of the scorer, in the sigmoid range where the kernel is ``ranged``; ``constants`` the kernel's;
``head`` the objective's parameters, flat, in the order of ``initial_head``. d loss / d scores is written to ``slopes`` (D,).
The gradient of the head is *added* to ``head_gradient``; ``scratch`` is there to write in.
"""

Output = Callable[[Vector, Vector, Vector, Vector], None]
"""``output(scores, constants, head, out)`` writes what the torch head gives for one rating: a point, K logits and the like."""


@dataclass(frozen=True, eq=False)
class Kernel:
    """An objective for the fused engine: plain functions that numba can compile, and what they need."""

    step: Step
    output: Output
    width: int
    """Outputs a rating: 1 for a point, K for logits."""
    constants: Vector = field(default_factory=lambda: np.empty(0, dtype=np.float32))
    """Numbers that follow from the scale and the objective's options, such as the ratings of the scale."""
    scratch: int = 0
    """Numbers that ``step`` may write in."""
    ranged: bool = False
    """Whether the engine's loop takes scores through a sigmoid into the scale's ``y_range`` first."""
    squared: bool = False
    """Whether ``step`` is the square of point - ``constants[level]`` and nothing else, so that a loop may compute it in place.

    The point is the one score in the range where the kernel is ``ranged``, else the score plus the last of the constants.
    """


@cache
def signatures() -> tuple[Any, Any]:
    """The numba signatures of ``Step`` and of ``Output``."""
    from numba import types

    read = types.Array(types.float32, 1, "C", readonly=True)
    write = types.float32[::1]
    step = types.float32(write, types.int64, read, write, write, write, write)
    output = types.void(write, read, write, write)
    return step, output
