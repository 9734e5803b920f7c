"""Everything that is kept of one trial's predictions of one part, once the predictions themselves are let go."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cfce import metrics
from cfce.metrics import METRICS, Calibration
from cfce.predictions import DECODERS, Prediction

GRID = ("rmse", "mae", "accuracy")
"""The scores of a value, which every decoder can be judged by."""


@dataclass(frozen=True, eq=False)
class PartScores:
    """The scores of one trial, or of an ensemble, on one part of n ratings."""

    n: int
    scores: Mapping[str, float]
    """Metric to score; NaN where the prediction has no distribution."""
    grid: Mapping[tuple[str, str], float]
    """(decoder, one of ``GRID``) to score."""
    confusion: NDArray[np.int64]
    """(K, K): rows the observed level, columns the level that accuracy is taken of."""
    calibration: Calibration | None
    impossible: int
    """Ratings whose observed level had probability 0: their NLL is infinite."""
    user_sums: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    """Loss to its sums over each user's ratings, (users of the split,); empty on parts no claim is made on."""


def score_part(
    prediction: Prediction, level: NDArray[np.uint8], codes: NDArray[np.intp] | None = None, n_users: int = 0
) -> PartScores:
    """The scores of a prediction of n ratings whose levels are ``level``, on every registered metric.

    ``codes`` (n,) are the users' codes: rankings need them. With ``n_users``, the losses are summed by code, 0..n_users-1. A
    metric
    that raises has NaN.
    """
    scale = prediction.scale
    losses = {one.loss_name: one.loss(prediction, level) for one in METRICS.values() if one.loss is not None}
    scores = {
        name: one.of(prediction, level, codes)
        if one.loss is None
        else float(one.score(np.float64(_mean(losses[one.loss_name])), scale))  # type: ignore[arg-type]
        for name, one in METRICS.items()
    }
    mass = prediction.probabilities
    sums = {}
    if codes is not None and n_users:
        sums = {name: np.bincount(codes, weights=loss, minlength=n_users).astype(np.float32) for name, loss in losses.items()}
    return PartScores(
        len(level),
        scores,
        _grid(prediction, level),
        metrics.confusion_matrix(prediction.levels(prediction.usual_decoder), level, scale.n_levels),
        None if mass is None else metrics.calibration(mass, level),
        0 if mass is None else int((mass[np.arange(len(level)), level] == 0).sum()),
        sums,
    )


def _grid(prediction: Prediction, level: NDArray[np.uint8]) -> dict[tuple[str, str], float]:
    ratings = np.asarray(prediction.scale.values)[level]
    found = {}
    for decoder in DECODERS:
        values = prediction.decode(decoder)
        found[decoder, "rmse"] = metrics.rmse(values, ratings)
        found[decoder, "mae"] = metrics.mae(values, ratings)
        found[decoder, "accuracy"] = metrics.accuracy(prediction.levels(decoder), level)
    return found


def _mean(losses: NDArray[np.floating]) -> float:
    return float(losses.mean()) if losses.size else float("nan")
