"""The two compiled functions by which the fused engine knows an objective.

The engine's loop takes them as first-class functions of one fixed signature, so that one compiled loop serves every
objective, and numba finds the loop and the functions in its cache on disk (a closure or a dispatcher as an argument would be
compiled again in every process).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]

Step = Callable[[float, int, Vector, Vector, float, float, Vector, Vector], tuple[float, float]]
"""``step(score, level, head, values, low, high, head_gradient, scratch) -> (loss, d loss / d score)`` of one rating.

``head`` is the objective's parameters, flat, in the order of ``initial_head``; ``values`` (K,) the ratings of the scale;
``low`` and ``high`` its sigmoid range. The gradient of the head is *added* to ``head_gradient``;
``scratch`` (K,) is there to write in.
"""

Output = Callable[[float, Vector, Vector, float, float, Vector], None]
"""``output(score, head, values, low, high, out)`` writes what the torch head gives for one rating: a point or K logits."""


@dataclass(frozen=True)
class Kernel:
    """An objective for the fused engine: plain functions that numba can compile, and how wide the output is."""

    step: Step
    output: Output
    width: int
    """Outputs a rating: 1 for a point, K for logits."""


@cache
def signatures() -> tuple[Any, Any]:
    """The numba signatures of ``Step`` and of ``Output``."""
    from numba import types

    read = types.Array(types.float32, 1, "C", readonly=True)
    write = types.float32[::1]
    scalar = types.float32
    step = types.UniTuple(scalar, 2)(  # type: ignore[no-untyped-call]
        scalar, types.int64, write, read, scalar, scalar, write, write
    )
    output = types.void(scalar, write, read, scalar, scalar, write)
    return step, output
