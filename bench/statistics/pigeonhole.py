"""The bootstrap of crossed designs: splits and seeds are resampled each for itself, and a fit comes as often as both together.

Owen (2007), The Pigeonhole Bootstrap. In one split, or where each split has seeds of its own, only one of them is resampled.
"""

import numpy as np
from numpy.typing import NDArray

from bench.statistics.crossed import Design


def pigeonhole_weights(design: Design, n_draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """How often each fit is drawn, (n_draws, n): as often as its split, times as its seed where splits share seeds."""
    if design.n_splits == 1:
        return rng.multinomial(design.n, np.full(design.n, 1 / design.n), size=n_draws).astype(np.float64)
    drawn = rng.multinomial(design.n_splits, np.full(design.n_splits, 1 / design.n_splits), size=n_draws)
    weights = drawn @ (design.averages > 0).T.astype(np.float64)
    if design.n_shared > 1:
        n_seeds = int(design.seed_of.max()) + 1
        weights *= rng.multinomial(n_seeds, np.full(n_seeds, 1 / n_seeds), size=n_draws)[:, design.seed_of]
    return np.asarray(weights)
