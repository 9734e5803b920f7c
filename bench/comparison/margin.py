"""The region of practical equivalence."""

from collections.abc import Mapping

import numpy as np

from cfce.errors import UserError
from cfce.metrics import Metric
from cfce.scale import RatingScale


def margin_of(metric: Metric, scale: RatingScale, margins: Mapping[str, float] | None = None) -> float | None:
    """The half width of the region of practical equivalence: as asked for in ``margins``, else the metric's on this scale.

    Raises ``UserError`` where it is not a number of 0 or above.

    >>> from cfce.metrics import METRICS
    >>> five = RatingScale((1, 2, 3, 4, 5))
    >>> margin_of(METRICS["nll"], five, {"nll": 0.01}), margin_of(METRICS["rmse"], five)
    (0.01, 0.004)
    """
    margin = (margins or {}).get(metric.name, metric.margin_on(scale))
    if margin is not None and not (np.isfinite(margin) and margin >= 0):
        raise UserError(f"margin {margin:g} came for {metric.label}; a margin is a finite number of 0 or above, such as 0.002")
    return margin


def verdict_metrics(metrics: Mapping[str, Metric]) -> tuple[str, ...]:
    """The names of the metrics that verdicts are given on."""
    return tuple(name for name, metric in metrics.items() if metric.in_verdicts)
