"""Everything that is kept of one trial's predictions of one part, once the predictions themselves are let go."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfce import metrics
from cfce.metrics import Calibration
from cfce.predictions import DECODERS, Prediction

GRID_METRICS = ("rmse", "mae", "accuracy")
"""The columns of the decoder grid; its rows are ``DECODERS``."""

SCORE_COLUMNS = (
    "rmse",
    "normalized_rmse",
    "mae",
    "accuracy",
    "normalized_accuracy",
    "nll",
    "rps",
    "brier",
    "qwk",
    "calibration_error",
    "mode_rmse",
    "median_mae",
    "mode_accuracy",
)
"""The scores of a part, as columns of ``results.csv`` after the part's name."""


@dataclass(frozen=True, eq=False)
class PartScores:
    """The scores of one trial, or of an ensemble, on one part of n ratings."""

    n: int
    scores: dict[str, float]
    """The value of each of ``SCORE_COLUMNS``; NaN where the prediction has no distribution."""
    grid: NDArray[np.float64]
    """Decoder by metric, (3, 3): rows mean, median, mode; columns RMSE, MAE, accuracy."""
    confusion: NDArray[np.int64]
    """(K, K): rows the observed level, columns the level that accuracy is taken of."""
    calibration: Calibration | None
    user_sums: NDArray[np.float32] | None = None
    """The sum of each loss over each user's ratings, (len(LOSSES), users of the split); None on parts no claim is made on."""


def score_part(
    prediction: Prediction,
    level: NDArray[np.uint8],
    own_distribution: bool,
    codes: NDArray[np.intp] | None = None,
    n_users: int = 0,
) -> PartScores:
    """The scores of a prediction of n ratings whose levels are ``level``.

    ``own_distribution`` says that the probabilities are the predictor's own, and accuracy is then that of the mode;
    otherwise it is that of the point rounded to the nearest level. RMSE and MAE are those of the mean.
    With ``codes`` (n,), the losses are summed by user code, 0..n_users-1.
    """
    scale = prediction.scale
    ratings = np.asarray(scale.values)[level]
    decoded = {name: prediction.decode(name) for name in DECODERS}
    levels = {name: prediction.levels(name) for name in DECODERS}
    squared = {name: metrics.squared_errors(decoded[name], ratings) for name in DECODERS}
    absolute = {name: metrics.absolute_errors(decoded[name], ratings) for name in DECODERS}
    right = {name: metrics.hits(levels[name], level) for name in DECODERS}
    grid = np.array([[np.sqrt(_mean(squared[one])), _mean(absolute[one]), _mean(right[one])] for one in DECODERS])

    judged = "mode" if own_distribution else "mean"
    confusion = metrics.confusion_matrix(levels[judged], level, scale.n_levels)
    unknown = np.full(len(level), np.nan)
    mass = prediction.probabilities
    proper = [
        unknown if mass is None else loss(mass, level)
        for loss in (metrics.nll_by_rating, metrics.rps_by_rating, metrics.brier_by_rating)
    ]
    table = None if mass is None else metrics.calibration(mass, level)
    rmse, hit = float(grid[0, 0]), _mean(right[judged])
    scores = {
        "rmse": rmse,
        "normalized_rmse": metrics.normalized_rmse(rmse, scale),
        "mae": float(grid[0, 1]),
        "accuracy": hit,
        "normalized_accuracy": metrics.normalized_accuracy(hit, scale.n_levels),
        "nll": _mean(proper[0]),
        "rps": _mean(proper[1]),
        "brier": _mean(proper[2]),
        "qwk": metrics.quadratic_weighted_kappa(confusion),
        "calibration_error": float("nan") if table is None else table.error,
        "mode_rmse": float(grid[2, 0]),
        "median_mae": float(grid[1, 1]),
        "mode_accuracy": float(grid[2, 2]),
    }
    sums = None
    if codes is not None:
        losses = (squared["mean"], absolute["mean"], right[judged], *proper, squared["mode"], absolute["median"], right["mode"])
        sums = np.stack([np.bincount(codes, weights=loss, minlength=n_users) for loss in losses]).astype(np.float32)
    return PartScores(len(level), scores, grid, confusion, table, sums)


def _mean(losses: NDArray[np.float64] | NDArray[np.bool_]) -> float:
    return float(losses.mean()) if losses.size else float("nan")
