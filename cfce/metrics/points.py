"""Errors of values: how far the decoded ratings lie from the ratings, in units of the scale."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cfce.scale import RatingScale


def squared_errors(values: ArrayLike, ratings: ArrayLike) -> NDArray[np.float64]:
    """The squared error of each rating, (N,).

    >>> squared_errors([3.5, 2.0], [4, 1]).tolist()
    [0.25, 1.0]
    """
    return np.square(np.asarray(values, dtype=np.float64) - np.asarray(ratings, dtype=np.float64))


def absolute_errors(values: ArrayLike, ratings: ArrayLike) -> NDArray[np.float64]:
    """The absolute error of each rating, (N,)."""
    return np.abs(np.asarray(values, dtype=np.float64) - np.asarray(ratings, dtype=np.float64))


def rmse(values: ArrayLike, ratings: ArrayLike) -> float:
    """The square root of the mean squared error of N values; NaN for none.

    >>> rmse([3.5, 2.0], [4, 1])  # the root of (0.25 + 1) / 2
    0.7905694150420949
    """
    return float(np.sqrt(_mean(squared_errors(values, ratings))))


def mae(values: ArrayLike, ratings: ArrayLike) -> float:
    """The mean absolute error of N values; NaN for none.

    >>> mae([3.5, 2.0], [4, 1])
    0.75
    """
    return _mean(absolute_errors(values, ratings))


def normalized_rmse(rmse: float, scale: RatingScale) -> float:
    """An RMSE as a share of the scale's span, highest minus lowest rating.

    >>> normalized_rmse(0.92, RatingScale((1, 2, 3, 4, 5)))
    0.23
    """
    return rmse / scale.span


def _mean(losses: NDArray[np.float64]) -> float:
    return float(losses.mean()) if losses.size else float("nan")
