"""The scores that are compared: each is a function of the mean of one loss over ratings, so users can be resampled.

A study's pass keeps, for each trial, the sum of each loss over the ratings of each user (see ``scores.py``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfce.errors import UserError, unknown_name
from cfce.scale import RatingScale

LOSSES = (
    "squared_error",
    "absolute_error",
    "hit",
    "nll",
    "rps",
    "brier",
    "mode_squared_error",
    "median_absolute_error",
    "mode_hit",
)
"""The losses of a rating whose sums are kept, in the order of the rows of ``PartScores.user_sums``."""


@dataclass(frozen=True)
class Metric:
    """A score as a column of ``results.csv`` (after ``valid_`` or ``test_``) and as a function of a mean loss."""

    name: str
    label: str
    """How tables and sentences call it."""
    loss: str
    """Which of ``LOSSES`` its mean is taken of."""
    margin: float | None
    """Half the width of the region of practical equivalence on a scale of span 4 and 5 levels; None where there is none."""
    higher_is_better: bool = False
    root: bool = False
    """Whether the score is the square root of the mean."""
    normalized: bool = False
    """Whether it is put on the scale's span (errors) or above chance (accuracy)."""

    def score(self, mean_loss: NDArray[Any], scale: RatingScale) -> NDArray[np.float64]:
        """The scores, of any shape, of mean losses of that shape.

        >>> METRICS["normalized_rmse"].score(np.array([1.0, 4.0]), RatingScale((1, 2, 3, 4, 5))).tolist()
        [0.25, 0.5]
        """
        value = np.asarray(mean_loss, dtype=np.float64)
        if self.root:
            value = np.sqrt(value)
        if self.normalized:
            chance = 1 / scale.n_levels
            value = (value - chance) / (1 - chance) if self.loss == "hit" else value / scale.span
        return value

    def gain(self, difference: float) -> float:
        """A difference of two scores with the sign that makes above 0 better."""
        return difference if self.higher_is_better else -difference


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("normalized_rmse", "normalized RMSE", "squared_error", 0.001, root=True, normalized=True),
        Metric("rmse", "RMSE", "squared_error", 0.004, root=True),
        Metric("mae", "MAE", "absolute_error", 0.003),
        Metric("accuracy", "accuracy", "hit", 0.002, higher_is_better=True),
        Metric("mode_accuracy", "accuracy of the mode", "mode_hit", 0.002, higher_is_better=True),
        Metric("normalized_accuracy", "normalized accuracy", "hit", 0.0025, higher_is_better=True, normalized=True),
        Metric("nll", "NLL", "nll", 0.005),
        Metric("rps", "RPS", "rps", 0.002),
        Metric("brier", "Brier score", "brier", 0.0025),
        Metric("mode_rmse", "RMSE of the mode", "mode_squared_error", 0.004, root=True),
        Metric("median_mae", "MAE of the median", "median_absolute_error", 0.003),
    )
}
"""The scores that verdicts are given on. The margins of normalized RMSE, accuracy and NLL are defaults of the command;
the others' are the same share of a constant prediction's score on MovieLens 100k (0.3 %), or follow by normalisation."""

VERDICT_METRICS = ("normalized_rmse", "accuracy", "mode_accuracy", "nll", "rps")
"""The scores of the table of verdicts. Accuracy rounds a regression's prediction, as published comparisons do; the accuracy of
the mode reads the most probable rating of every variant, so that no family is judged by the worse decoder."""


def metric_named(name: str) -> Metric:
    """The metric of that name; an unknown name suggests the nearest and lists all."""
    if name not in METRICS:
        raise unknown_name("metric", name, METRICS)
    return METRICS[name]


def margin_of(metric: Metric, margins: Mapping[str, float] | None = None) -> float | None:
    """The half width of the region of practical equivalence: as asked for in ``margins``, else the metric's default.

    Raises ``UserError`` where it is not a number of 0 or above.

    >>> margin_of(METRICS["nll"], {"nll": 0.01}), margin_of(METRICS["accuracy"])
    (0.01, 0.002)
    """
    margin = (margins or {}).get(metric.name, metric.margin)
    if margin is not None and not (np.isfinite(margin) and margin >= 0):
        raise UserError(f"margin {margin:g} came for {metric.label}; a margin is a finite number of 0 or above, such as 0.002")
    return margin
