"""Probabilities of the levels from what heads give, computed in float64 so that each row sums to 1 in float32."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

CHUNK = 1 << 13
"""Rows that are held in float64 at a time: all of them at once would be most of the memory of a large fit."""

Doubles = NDArray[np.float64]


def in_chunks(output: NDArray[np.float32], n_levels: int, function: Callable[[Doubles], Doubles]) -> NDArray[np.float32]:
    """Apply ``function``, from outputs (n, W) to probabilities (n, K), to all rows; one output a row may come as (N,)."""
    output = output.reshape(len(output), -1)
    probabilities = np.empty((len(output), n_levels), dtype=np.float32)
    for start in range(0, len(output), CHUNK):
        probabilities[start : start + CHUNK] = function(output[start : start + CHUNK].astype(np.float64))
    return probabilities


def softmax(logits: Doubles) -> Doubles:
    """Logits (n, K) to probabilities.

    >>> softmax(np.zeros((1, 4))).tolist()
    [[0.25, 0.25, 0.25, 0.25]]
    """
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def from_cumulative(symmetric: Callable[[Doubles], Doubles], edges: Doubles) -> Doubles:
    """A symmetric distribution function and the edges between levels, (n, K-1), to the probability of each level, (n, K).

    The probability of an interval is the difference of its tails, of the upper ones above the middle: there the lower ones are so
    near 1 that the difference of two would have no digit left.

    >>> from_cumulative(logistic, np.log([[1 / 3, 3.0]])).round(6).tolist()
    [[0.25, 0.5, 0.25]]
    >>> from_cumulative(logistic, np.array([[-80.0]])).tolist() == [[*reversed(*from_cumulative(logistic, np.array([[80.0]])))]]
    True
    """
    below = np.diff(symmetric(edges), axis=1, prepend=0.0, append=1.0)
    above = -np.diff(symmetric(-edges), axis=1, prepend=1.0, append=0.0)
    begins_above = np.concatenate([np.zeros((len(edges), 1), dtype=bool), edges > 0], axis=1)
    probabilities = np.where(begins_above, above, below).clip(min=0)
    return np.asarray(probabilities / probabilities.sum(axis=1, keepdims=True))


def logistic(x: Doubles) -> Doubles:
    """1 / (1 + exp(-x)), without overflow.

    >>> logistic(np.array([-1000.0, 0.0])).tolist()
    [0.0, 0.5]
    """
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))


def normal(x: Doubles) -> Doubles:
    """The standard normal distribution function.

    >>> normal(np.array([0.0, 1.0])).round(4).tolist()
    [0.5, 0.8413]
    """
    from scipy.special import ndtr  # not at the top: most processes that know objectives by name never need it

    return np.asarray(ndtr(x))
