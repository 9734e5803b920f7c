"""The ranked probability score of the proportional odds model: squared differences of cumulative probabilities.

Source: Epstein, A Scoring System for Probability Predictions of Ranked Categories (1969); as a loss, Hou, Yu and Samaras,
Squared Earth Mover's Distance-based Loss (2016).
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cfce.objectives.cumulative_logit import CumulativeLogit, thresholds_less_score
from cfce.objectives.gaps import LEAST, MOST
from cfce.objectives.kernel import Kernel, Vector
from cfce.scale import RatingScale

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class RankedProbabilityScore(CumulativeLogit):
    """The distribution of ``CumulativeLogit``; the loss sums (P(level <= k) - [observed <= k])^2 over k, not divided by K-1."""

    name = "rps"
    description = "K-1 ordered thresholds on the score; ranked probability score"

    def torch_loss(self, output: "torch.Tensor", level: "torch.Tensor", scale: RatingScale) -> "torch.Tensor":
        """The mean score of the distributions."""
        import torch

        reached = level.unsqueeze(1) <= torch.arange(scale.n_levels - 1, device=output.device)
        return (output.sigmoid() - reached.to(output.dtype)).square().sum(dim=1).mean()

    def kernel(self, scale: RatingScale) -> Kernel:
        """K-1 thresholds less the score."""
        return Kernel(_step, thresholds_less_score, width=scale.n_levels - 1, scratch=2 * (scale.n_levels - 1))


def _step(
    scores: Vector, level: int, constants: Vector, head: Vector, slopes: Vector, head_gradient: Vector, scratch: Vector
) -> float:
    n = len(head)
    at = -scores[0]  # a threshold less the score
    loss = scores[0] * 0
    for k in range(n):  # scratch: d loss / d threshold, then what a change of the head does to a gap
        raw = head[k]
        gap = raw
        bend = raw * 0 + 1
        if k > 0:
            gap = math.exp(min(max(raw, LEAST), MOST))
            bend = gap if LEAST < raw < MOST else raw * 0
        at += gap
        share = 1 / (1 + math.exp(-at))
        error = share
        if level <= k:
            error = share - 1
        loss += error * error
        scratch[k], scratch[n + k] = 2 * error * share * (1 - share), bend
    further = scores[0] * 0  # a gap moves its threshold and all that follow
    for k in range(n - 1, -1, -1):
        further += scratch[k]
        head_gradient[k] += further * scratch[n + k]
    slopes[0] = -further
    return float(loss)
