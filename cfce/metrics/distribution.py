"""The distribution over the levels that a regression's points stand for.

A point prediction m becomes the normal distribution around m, cut at the midpoints between neighbouring levels; the tails
belong to the end levels. Its standard deviation is one number a trial, fitted by likelihood on held-out ratings: the
distribution under which squared error is the log-likelihood, so a regression is judged by its own assumption.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cfce.errors import UserError
from cfce.predictions import Prediction
from cfce.scale import RatingScale

LEAST_PROBABILITY = 1e-12
"""The least that a level counts for while sigma is fitted, so that the search never meets an infinite likelihood."""


def normal_over_levels(points: ArrayLike, sigma: float, scale: RatingScale) -> NDArray[np.float64]:
    """The probabilities of the levels, (N, K), of normals around N points with standard deviation ``sigma``.

    >>> normal_over_levels([3.0], 1.0, RatingScale((1, 2, 3, 4, 5))).round(4).tolist()
    [[0.0668, 0.2417, 0.3829, 0.2417, 0.0668]]
    """
    points = np.asarray(points, dtype=np.float64)
    if not sigma > 0:
        raise UserError(f"sigma {sigma:g} came; a standard deviation is a number above 0")
    edges = np.concatenate([[-np.inf], scale.midpoints, [np.inf]])  # (K+1,)
    z = (edges - points[:, None]) / sigma
    return _mass(z[:, :-1], z[:, 1:])


def fit_sigma(points: ArrayLike, levels: ArrayLike, scale: RatingScale) -> float:
    """The standard deviation that makes N levels most likely under ``normal_over_levels`` of their points.

    Between 0.001 and 10 times the scale's span. For points that are all right it is the lower end.

    Raises ``UserError`` where no ratings came, or a point is not finite.
    """
    from scipy.optimize import minimize_scalar

    points, levels = np.asarray(points, dtype=np.float64), np.asarray(levels, dtype=np.intp)
    if not len(points) or not np.isfinite(points).all():
        raise UserError("sigma is fitted on at least one rating and on finite points; check that the training has not diverged")
    edges = np.concatenate([[-np.inf], scale.midpoints, [np.inf]])
    low, high = edges[levels] - points, edges[levels + 1] - points  # (N,)

    def mean_nll(log_sigma: float) -> float:
        mass = _mass(low / np.exp(log_sigma), high / np.exp(log_sigma))
        return float(-np.log(np.clip(mass, LEAST_PROBABILITY, None)).mean())

    bounds = np.log(scale.span * 1e-3), np.log(scale.span * 10)
    return float(np.exp(minimize_scalar(mean_nll, bounds=bounds, method="bounded", options={"xatol": 1e-4}).x))


def with_distribution(prediction: Prediction, sigma: float) -> Prediction:
    """The prediction with the distribution of its points beside them; one that has probabilities is given back as it is."""
    if prediction.probabilities is not None or prediction.points is None:
        return prediction
    mass = normal_over_levels(prediction.points, sigma, prediction.scale)
    return Prediction(prediction.scale, prediction.points, mass, derived=True, sigma=sigma)


def _mass(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """The standard normal's mass between two bounds, taken in the lower tail, where a difference keeps its digits."""
    from scipy.special import ndtr

    upper = low > 0
    return np.asarray(ndtr(np.where(upper, -low, high)) - ndtr(np.where(upper, -high, low)))
