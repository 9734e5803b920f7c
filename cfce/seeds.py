"""Random streams that depend on a seed and a purpose, and on nothing else.

Split, initial weights and batch order each draw from a stream of their own, so two trials with the same
seed start from the same weights and see the same batches whatever their variant, learning rate or engine.
"""

import hashlib

import numpy as np


def stream(seed: int, purpose: str) -> np.random.Generator:
    """The generator of one purpose (``'split'``, ``'weights'``, ``'head'``, ``'order'``) under one seed.

    >>> bool(stream(0, "order").integers(100) == stream(0, "order").integers(100))
    True
    """
    tag = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:8], "little")
    return np.random.default_rng([seed, tag])
