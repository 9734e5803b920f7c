"""The floor of dense Adam: an epoch's updates of every parameter with nothing around them."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from bench.timing.spread import Spread


@dataclass(frozen=True)
class FloorTiming:
    """Seconds of as many bare Adam updates as an epoch has steps, over as many parameters as the model has."""

    updates: int
    n_parameters: int
    seconds: Spread


def bare_adam(updates: int, n_parameters: int) -> Callable[[], float]:
    """A function that does that many updates by the fused engine's own ``dense_adam`` and gives the seconds they took.

    An engine that moves every parameter at every step, those without a gradient too, is no faster. The fused engine is,
    because it moves the rows that a batch does not meet once for many steps.
    """
    from cfce.engines.fused_kernel import dense_adam

    rng = np.random.default_rng(0)
    params, gradient = (rng.normal(0, 0.01, n_parameters).astype(np.float32) for _ in range(2))
    average, square = np.zeros_like(params), np.zeros_like(params)

    def run() -> float:
        start = perf_counter()
        for step in range(1, updates + 1):
            dense_adam(params, gradient, average, square, 5e-3, 0.9, 0.1, step)
        return perf_counter() - start

    return run
