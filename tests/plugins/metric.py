"""The metric ``far_off``: the share of ratings whose most probable level is two or more levels from the observed one."""

import numpy as np
from numpy.typing import NDArray

from bench.registry import Metric, register_metric
from cfce.predictions import Prediction


def loss(prediction: Prediction, level: NDArray[np.uint8]) -> NDArray[np.float64]:
    """1 where the prediction is far off and 0 elsewhere, (n,)."""
    distance = np.abs(prediction.levels("mode").astype(int) - level.astype(int))
    return (distance >= 2).astype(np.float64)


register_metric(
    Metric(
        name="far_off",
        label="two or more levels off",
        loss=loss,
        margin=lambda scale: 0.01,  # a difference of one rating in a hundred does not matter
        in_verdicts=True,
        on_board=True,
        description="the share of ratings whose most probable level is two or more levels from the observed one",
    )
)
