"""The built-in metrics. Margins are half the width of the region of practical equivalence.

That of RMSE is 0.1 % of the scale's span, of accuracy 0.002 and of NLL 0.005; the others' are about the same share (0.3 %) of a
constant prediction's score on MovieLens 100k, or follow by normalisation: one statement has one margin on every scale.

Scores of a distribution are taken after one parameter was fitted on valid, for every family alike; the raw ones judge it as it
was predicted. Values that are read from a distribution (mean, median, mode) are those of the raw one.
"""

import numpy as np
from numpy.typing import NDArray

from cfce.metrics import losses
from cfce.metrics.calibration import calibration
from cfce.metrics.levels import confusion_matrix, quadratic_weighted_kappa
from cfce.metrics.metric import Metric, register_metric
from cfce.metrics.ranking import fcp, ndcg_10
from cfce.predictions import Prediction
from cfce.scale import RatingScale

Scores = NDArray[np.float64]


def _root(mean_loss: Scores, scale: RatingScale) -> Scores:
    return np.sqrt(mean_loss)


def _normalized_root(mean_loss: Scores, scale: RatingScale) -> Scores:
    return np.sqrt(mean_loss) / scale.span


def _above_chance(mean_loss: Scores, scale: RatingScale) -> Scores:
    chance = 1 / scale.n_levels
    return (mean_loss - chance) / (1 - chance)


def _qwk(prediction: Prediction, level: NDArray[np.uint8]) -> float:
    judged = prediction.levels(prediction.usual_decoder)
    return quadratic_weighted_kappa(confusion_matrix(judged, level, prediction.scale.n_levels))


def _calibration_error(prediction: Prediction, level: NDArray[np.uint8]) -> float:
    return float("nan") if prediction.probabilities is None else calibration(prediction.probabilities, level).error


_RAW = "the distribution as predicted, before one parameter is fitted on valid"

for _metric in (
    Metric(
        "rmse",
        "RMSE",
        losses.squared_error,
        _root,
        margin=lambda scale: 0.001 * scale.span,
        on_board=True,
        description="root of the mean squared error of the predicted rating (mean of the distribution)",
    ),
    Metric(
        "normalized_rmse",
        "normalized RMSE",
        losses.squared_error,
        _normalized_root,
        margin=0.001,
        in_verdicts=True,
        on_board=True,
        description="RMSE over the width of the scale",
    ),
    Metric(
        "mae",
        "MAE",
        losses.absolute_error,
        margin=lambda scale: 0.00075 * scale.span,
        description="mean absolute error of the predicted rating",
    ),
    Metric(
        "accuracy",
        "accuracy",
        losses.hit,
        higher_is_better=True,
        margin=0.002,
        in_verdicts=True,
        on_board=True,
        description="share of held-out ratings whose level is predicted: the most likely level, or the nearest to a point",
    ),
    Metric(
        "mode_accuracy",
        "accuracy of the mode",
        losses.mode_hit,
        higher_is_better=True,
        margin=0.002,
        in_verdicts=True,
        description="accuracy of the most likely level",
    ),
    Metric(
        "normalized_accuracy",
        "normalized accuracy",
        losses.hit,
        _above_chance,
        higher_is_better=True,
        margin=lambda scale: 0.002 / (1 - 1 / scale.n_levels),
        on_board=True,
        description="accuracy above chance: 0 at 1 / K, 1 where every level is predicted",
    ),
    Metric(
        "nll",
        "NLL",
        losses.nll,
        margin=0.005,
        in_verdicts=True,
        on_board=True,
        calibrated=True,
        description="mean negative log-likelihood of the observed level, in nats",
    ),
    Metric(
        "rps",
        "RPS",
        losses.rps,
        margin=lambda scale: 0.0005 * (scale.n_levels - 1),
        in_verdicts=True,
        on_board=True,
        calibrated=True,
        description="ranked probability score: squared differences of cumulative probabilities, summed over thresholds",
    ),
    Metric(
        "brier",
        "Brier score",
        losses.brier,
        margin=0.0025,
        calibrated=True,
        description="squared differences of the probabilities from the observed level, summed over levels",
    ),
    Metric(
        "qwk",
        "QWK",
        summary=_qwk,
        higher_is_better=True,
        on_board=True,
        description="quadratic weighted kappa of predicted and observed levels; a summary without verdicts",
    ),
    Metric(
        "calibration_error",
        "calibration error",
        summary=_calibration_error,
        calibrated=True,
        description="expected calibration error of the probabilities; a summary without verdicts",
    ),
    Metric(
        "mode_rmse",
        "RMSE of the mode",
        losses.mode_squared_error,
        _root,
        margin=lambda scale: 0.001 * scale.span,
        description="RMSE of the most likely rating",
    ),
    Metric(
        "median_mae",
        "MAE of the median",
        losses.median_absolute_error,
        margin=lambda scale: 0.00075 * scale.span,
        description="mean absolute error of the median of the distribution",
    ),
    Metric(
        "fcp",
        "FCP",
        ranking=fcp,
        higher_is_better=True,
        description="share of each user's pairs of different ratings that the mean ranks right, ties half; without verdicts",
    ),
    Metric(
        "ndcg_10",
        "NDCG@10",
        ranking=ndcg_10,
        higher_is_better=True,
        description="mean over users of the discounted gain of the 10 held-out ratings ranked highest; without verdicts",
    ),
    Metric("raw_nll", "raw NLL", losses.nll, margin=0.005, on_board=True, description=f"NLL of {_RAW}"),
    Metric("raw_rps", "raw RPS", losses.rps, margin=lambda scale: 0.0005 * (scale.n_levels - 1), description=f"RPS of {_RAW}"),
    Metric("raw_brier", "raw Brier score", losses.brier, margin=0.0025, description=f"Brier score of {_RAW}"),
    Metric(
        "raw_calibration_error",
        "raw calibration error",
        summary=_calibration_error,
        description=f"calibration error of {_RAW}; a summary without verdicts",
    ),
):
    register_metric(_metric)
