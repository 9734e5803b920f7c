"""Scores of predictions: pure functions on arrays, each with a variant that gives the loss of every rating."""

import cfce.metrics.built_in  # noqa: F401 - registers the built-in metrics
from cfce.metrics.calibration import Calibration, calibration
from cfce.metrics.distribution import fit_sigma, normal_over_levels, with_distribution
from cfce.metrics.levels import (
    accuracy,
    confusion_matrix,
    hits,
    never_predicted,
    normalized_accuracy,
    quadratic_weighted_kappa,
    recall_by_level,
)
from cfce.metrics.metric import METRICS, Metric, register_metric
from cfce.metrics.points import absolute_errors, mae, normalized_rmse, rmse, squared_errors
from cfce.metrics.proper import brier, brier_by_rating, nll, nll_by_rating, rps, rps_by_rating
from cfce.metrics.ranking import concordant_pairs, fcp, ndcg_10, user_ndcg
from cfce.metrics.skill import accuracy_skill, skill

__all__ = [
    "METRICS",
    "Calibration",
    "Metric",
    "absolute_errors",
    "accuracy",
    "accuracy_skill",
    "brier",
    "brier_by_rating",
    "calibration",
    "concordant_pairs",
    "confusion_matrix",
    "fcp",
    "fit_sigma",
    "hits",
    "mae",
    "ndcg_10",
    "never_predicted",
    "nll",
    "nll_by_rating",
    "normal_over_levels",
    "normalized_accuracy",
    "normalized_rmse",
    "quadratic_weighted_kappa",
    "recall_by_level",
    "register_metric",
    "rmse",
    "rps",
    "rps_by_rating",
    "skill",
    "squared_errors",
    "user_ndcg",
    "with_distribution",
]
