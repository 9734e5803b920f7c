"""Which ratings an epoch trains on, and in which order: one function for every engine."""

import numpy as np
from numpy.typing import NDArray

from cfce.errors import UserError, unknown_name
from cfce.options import SAMPLERS


def epoch_order(n: int, sampler: str, rng: np.random.Generator) -> NDArray[np.int32]:
    """The row numbers (0..n-1) of one epoch in training order, (n,) int32.

    ``'permutation'`` holds each row once; ``'bootstrap'`` holds n draws with replacement, 1 - 1/e of them distinct on average.
    Engines call it once an epoch with the same stream, so the same seed gives every engine the same batches.
    """
    if sampler == "permutation":
        order = np.arange(n, dtype=np.int32)
        rng.shuffle(order)
        return order
    if sampler == "bootstrap":
        return rng.integers(0, n, size=n, dtype=np.int32)
    raise unknown_name("sampler", sampler, SAMPLERS)


def n_batches(n: int, batch_size: int) -> int:
    """Steps an epoch over n ratings: a last partial batch is dropped.

    >>> n_batches(200, 64)
    3
    """
    if n < batch_size:
        raise UserError(f"batch size {batch_size} came, but there are {n} training ratings; use a batch size of at most {n}")
    return n // batch_size
