"""Ordered probit: one score against K-1 ordered thresholds, with a normal distribution.

Source: McCullagh, Regression Models for Ordinal Data (1980), section 2, with the inverse normal for the link.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cfce.objectives.cumulative_logit import CumulativeLogit, thresholds_less_score
from cfce.objectives.distributions import from_cumulative, in_chunks, normal
from cfce.objectives.gaps import LEAST, MOST
from cfce.objectives.kernel import Kernel, Vector
from cfce.predictions import Prediction
from cfce.scale import RatingScale

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class CumulativeProbit(CumulativeLogit):
    """As ``CumulativeLogit``, but P(level <= k) is the normal distribution function of threshold k less the score."""

    name = "cumulative-probit"
    description = "K-1 ordered thresholds on the score with normal noise; log-likelihood of the observed level"

    def torch_loss(self, output: "torch.Tensor", level: "torch.Tensor", scale: RatingScale) -> "torch.Tensor":
        """The mean negative log probability of the levels."""
        from cfce.objectives.threshold_heads import borders, normal_interval

        return -normal_interval(*borders(output, level)).mean()

    def predict(self, output: NDArray[np.float32], scale: RatingScale) -> Prediction:
        """The differences of the cumulative probabilities."""

        def probabilities(cumulative: NDArray[np.float64]) -> NDArray[np.float64]:
            return from_cumulative(normal, cumulative)

        return Prediction(scale, probabilities=in_chunks(output, scale.n_levels, probabilities))

    def kernel(self, scale: RatingScale) -> Kernel:
        """K-1 thresholds less the score."""
        return Kernel(_step, thresholds_less_score, width=scale.n_levels - 1, scratch=2 * (scale.n_levels - 1))


def _step(
    scores: Vector, level: int, constants: Vector, head: Vector, slopes: Vector, head_gradient: Vector, scratch: Vector
) -> float:
    n = len(head)
    at = -scores[0]  # a threshold less the score
    for k in range(n):  # scratch: thresholds less the score, then what a change of the head does to a gap
        raw = head[k]
        gap = raw
        bend = raw * 0 + 1
        if k > 0:
            gap = math.exp(min(max(raw, LEAST), MOST))
            bend = gap if LEAST < raw < MOST else raw * 0
        at += gap
        scratch[k], scratch[n + k] = at, bend
    far = scores[0] * 0 + 1e4
    low = scratch[level - 1] if level > 0 else -far
    high = scratch[level] if level < n else far
    if low > 0:  # mirrored: the difference of two probabilities near 1 would lose its digits
        share = (math.erfc(low * math.sqrt(0.5)) - math.erfc(high * math.sqrt(0.5))) / 2
    else:
        share = (math.erfc(-high * math.sqrt(0.5)) - math.erfc(-low * math.sqrt(0.5))) / 2
    lower = upper = scores[0] * 0
    if share > 1e-30:
        upper -= math.exp(-high * high / 2) / math.sqrt(2 * math.pi) / share
        lower += math.exp(-low * low / 2) / math.sqrt(2 * math.pi) / share
    slopes[0] = -(lower + upper)
    for k in range(n):
        if k < level:
            head_gradient[k] += (lower + upper) * scratch[n + k]
        elif k == level:
            head_gradient[k] += upper * scratch[n + k]
    return float(-math.log(max(share, 1e-30)))
