"""The loss of each rating of a prediction, (n,): what the built-in metrics are means of."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfce.metrics.levels import hits
from cfce.metrics.points import absolute_errors, squared_errors
from cfce.metrics.proper import brier_by_rating, nll_by_rating, rps_by_rating
from cfce.predictions import Prediction

Levels = NDArray[np.uint8]
Losses = NDArray[Any]


def squared_error(prediction: Prediction, level: Levels) -> Losses:
    """Of the mean."""
    return squared_errors(prediction.decode("mean"), _ratings(prediction, level))


def absolute_error(prediction: Prediction, level: Levels) -> Losses:
    """Of the mean."""
    return absolute_errors(prediction.decode("mean"), _ratings(prediction, level))


def hit(prediction: Prediction, level: Levels) -> Losses:
    """Whether the most probable level is the observed one; of points, whether the level nearest to them is."""
    return hits(prediction.levels(prediction.usual_decoder), level)


def nll(prediction: Prediction, level: Levels) -> Losses:
    """The negative log probability of the observed level, in nats."""
    return _nothing(level) if prediction.probabilities is None else nll_by_rating(prediction.probabilities, level)


def rps(prediction: Prediction, level: Levels) -> Losses:
    """The ranked probability score."""
    return _nothing(level) if prediction.probabilities is None else rps_by_rating(prediction.probabilities, level)


def brier(prediction: Prediction, level: Levels) -> Losses:
    """The Brier score."""
    return _nothing(level) if prediction.probabilities is None else brier_by_rating(prediction.probabilities, level)


def mode_squared_error(prediction: Prediction, level: Levels) -> Losses:
    """Of the most probable rating."""
    return squared_errors(prediction.decode("mode"), _ratings(prediction, level))


def median_absolute_error(prediction: Prediction, level: Levels) -> Losses:
    """Of the median rating."""
    return absolute_errors(prediction.decode("median"), _ratings(prediction, level))


def mode_hit(prediction: Prediction, level: Levels) -> Losses:
    """Whether the most probable level is the observed one."""
    return hits(prediction.levels("mode"), level)


def _ratings(prediction: Prediction, level: Levels) -> NDArray[np.float64]:
    return np.asarray(prediction.scale.values)[level]


def _nothing(level: Levels) -> Losses:
    return np.full(len(level), np.nan)
