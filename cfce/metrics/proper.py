"""Proper scores of distributions over the levels: the true distribution is the best prediction under each of them.

Gneiting and Raftery (2007), Strictly Proper Scoring Rules, Prediction, and Estimation, sections 3 and 4.
Probabilities are (N, K), levels (N,); the ``*_by_rating`` functions give the losses (N,) whose means are the scores.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cfce.metrics.cumulative import cumulative


def nll_by_rating(probabilities: ArrayLike, levels: ArrayLike) -> NDArray[np.float64]:
    """The negative logarithm of the probability that the observed level was given, in nats, (N,); inf where it is 0."""
    probabilities, levels = _checked(probabilities, levels)
    given = probabilities[np.arange(len(levels)), levels]
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log(given))


def rps_by_rating(probabilities: ArrayLike, levels: ArrayLike) -> NDArray[np.float64]:
    """The ranked probability score of each rating, (N,): the sum over k of (P(Y <= k) - [y <= k])^2, not divided by K-1.

    In levels: for a prediction that is sure of one level it is the distance in levels, on a scale of whole numbers the
    absolute error. Epstein (1969), A Scoring System for Probability Forecasts of Ranked Categories.
    """
    probabilities, levels = _checked(probabilities, levels)
    found = np.zeros(len(levels))
    for level, below in enumerate(cumulative(probabilities).T[:-1]):  # each (N,)
        found += np.square(below - (levels <= level))
    return found


def brier_by_rating(probabilities: ArrayLike, levels: ArrayLike) -> NDArray[np.float64]:
    """The Brier score of each rating, (N,): the sum over all K levels of (p_k - [y = k])^2, from 0 to 2."""
    probabilities, levels = _checked(probabilities, levels)
    found = np.zeros(len(levels))
    for level, given in enumerate(probabilities.T):  # each (N,)
        found += np.square(given - (levels == level))
    return found


def nll(probabilities: ArrayLike, levels: ArrayLike) -> float:
    """The mean negative log-likelihood, in nats; NaN for no ratings, inf where an observed level had probability 0.

    >>> round(nll([[0.5, 0.5], [0.25, 0.75]], [0, 1]), 4)  # (log 2 + log 4/3) / 2
    0.4904
    """
    return _mean(nll_by_rating(probabilities, levels))


def rps(probabilities: ArrayLike, levels: ArrayLike) -> float:
    """The mean ranked probability score, in levels; NaN for no ratings.

    >>> rps([[0, 0, 1]], [0])  # sure of the highest level, and the lowest came: two levels off
    2.0
    """
    return _mean(rps_by_rating(probabilities, levels))


def brier(probabilities: ArrayLike, levels: ArrayLike) -> float:
    """The mean Brier score; NaN for no ratings.

    >>> brier([[0.5, 0.5, 0]], [0])
    0.5
    """
    return _mean(brier_by_rating(probabilities, levels))


def _checked(probabilities: ArrayLike, levels: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    return np.asarray(probabilities, dtype=np.float64), np.asarray(levels, dtype=np.intp)


def _mean(losses: NDArray[np.float64]) -> float:
    return float(losses.mean()) if losses.size else float("nan")
