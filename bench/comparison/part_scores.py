"""Everything that is kept of one trial's predictions of one part, once the predictions themselves are let go."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.comparison.margin import margin_of
from cfce import metrics
from cfce.errors import UserError
from cfce.metrics import METRICS, Calibration, Metric
from cfce.predictions import DECODERS, Prediction
from cfce.text import short

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
    """Of the distribution after its parameter was fitted."""
    impossible: int
    """Ratings whose observed level had probability 0: their NLL is infinite."""
    user_sums: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    """Loss to its sums over each user's ratings, (users of the split,); empty on parts no claim is made on."""


def score_part(
    prediction: Prediction,
    level: NDArray[np.uint8],
    codes: NDArray[np.intp] | None = None,
    n_users: int = 0,
    calibrated: Prediction | None = None,
    failed: dict[str, str] | None = None,
) -> PartScores:
    """The scores of a prediction of n ratings whose levels are ``level``, on every registered metric.

    ``calibrated`` is the prediction after its parameter was fitted (by default the same); metrics that are ``calibrated``
    judge it. ``codes`` (n,) are the users' codes: rankings need them. With ``n_users``, the losses are summed by code,
    0..n_users-1. A metric that raises has no score here, and why it has none goes into ``failed`` under its name; without
    ``failed`` it raises.
    """
    scale = prediction.scale
    fitted = prediction if calibrated is None else calibrated
    computed: dict[tuple[object, bool], NDArray[np.floating]] = {}
    losses: dict[str, NDArray[np.floating]] = {}
    scores = {}
    for name, one in METRICS.items():
        judged = fitted if one.calibrated else prediction
        try:
            if one.loss is None:
                scores[name] = float(one.of(judged, level, codes))
                continue
            key = (one.loss, judged is prediction)
            if key not in computed:
                computed[key] = _losses(one, judged, level)
            losses[one.loss_name] = computed[key]
            margin_of(one, scale)  # raises here, and not where verdicts need it
            scores[name] = float(one.score(np.float64(_mean(computed[key])), scale))  # type: ignore[arg-type]
        except Exception as error:  # a metric of a plug-in may raise anything, and the others are worth having
            if failed is None:
                raise
            failed.setdefault(name, f"{type(error).__name__}: {short(error)}")
            scores[name] = float("nan")
    mass = fitted.probabilities
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


def _losses(metric: Metric, prediction: Prediction, level: NDArray[np.uint8]) -> NDArray[np.floating]:
    """The loss of each rating, (n,); ``UserError`` where that is not what a metric gives."""
    assert metric.loss is not None
    losses = np.asarray(metric.loss(prediction, level))
    if losses.shape != level.shape or losses.dtype.kind not in "bfiu":
        raise UserError(f"its loss gave {losses.dtype} of the shape {losses.shape}; it gives one number for each rating, (n,)")
    return losses


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
