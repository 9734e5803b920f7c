"""A choice at the edge of its grid: there the grid, and not the data, may have decided."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

Edge = Literal["lowest", "highest"]
HALF_DECADE = 10**0.5


def edge_of(candidates: Sequence[float], chosen: float) -> Edge | None:
    """At which end of the candidates a choice is; None inside, and where there was nothing to choose from.

    >>> edge_of([0.005, 0.01, 0.1], 0.005), edge_of([0.005, 0.01, 0.1], 0.01), edge_of([0.1], 0.1)
    ('lowest', None, None)
    """
    if len(set(candidates)) < 2:
        return None
    return "lowest" if chosen <= min(candidates) else "highest" if chosen >= max(candidates) else None


def beyond(candidates: Sequence[float], edge: Edge, n: int = 2) -> tuple[float, ...]:
    """The next n candidates past an end of positive candidates, in the ratio of the two at that end, to one digit.

    Where those two are further apart than half a decade, the steps are half decades: a coarse grid says little of how far to go.

    >>> beyond([0.005, 0.01, 0.03, 0.1], "lowest"), beyond([0.005, 0.01, 0.03, 0.1], "highest")
    ((0.003, 0.001), (0.3, 1.0))
    >>> beyond([0.001, 0.1], "highest")
    (0.3, 1.0)
    """
    ordered = sorted(set(candidates), reverse=edge == "lowest")
    ratio = min(max(ordered[-1] / ordered[-2], 1 / HALF_DECADE), HALF_DECADE)
    return tuple(float(np.format_float_positional(ordered[-1] * ratio**step, 1, fractional=False)) for step in range(1, n + 1))
