"""The proportional odds model: one score against K-1 ordered thresholds.

Source: McCullagh, Regression Models for Ordinal Data (1980).
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cfce.objectives.base import Head, Objective
from cfce.objectives.distributions import from_cumulative, in_chunks, logistic
from cfce.objectives.gaps import LEAST, MOST
from cfce.objectives.kernel import Kernel, Vector
from cfce.predictions import Prediction
from cfce.scale import RatingScale

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class CumulativeLogit(Objective):
    """P(level <= k) is the logistic function of threshold k less the score; the loss is the mean negative log probability.

    The head is the first threshold and the logarithms of the K-2 gaps, so that the thresholds are ordered. They start evenly
    spaced around 0, one apart.
    """

    name = "cumulative-logit"
    description = "K-1 ordered thresholds on the score with logistic noise; log-likelihood of the observed level"
    family = "ordinal"

    def initial_head(self, scale: RatingScale, rng: np.random.Generator) -> Head:
        """``bias`` (K-1,): the same for every seed, and not decayed."""
        bias = np.zeros(scale.n_levels - 1, dtype=np.float32)
        bias[0] = 1 - scale.n_levels / 2
        return {"bias": bias}

    def torch_head(self, scale: RatingScale) -> "nn.Module":
        """Thresholds less scores, (B,) to (B, K-1)."""
        from cfce.objectives.threshold_heads import Thresholds

        return Thresholds(scale)

    def torch_loss(self, output: "torch.Tensor", level: "torch.Tensor", scale: RatingScale) -> "torch.Tensor":
        """The mean negative log probability of the levels."""
        from cfce.objectives.threshold_heads import logistic_interval

        return -logistic_interval(output, level).mean()

    def predict(self, output: NDArray[np.float32], scale: RatingScale) -> Prediction:
        """The differences of the cumulative probabilities."""

        def probabilities(cumulative: NDArray[np.float64]) -> NDArray[np.float64]:
            return from_cumulative(logistic, cumulative)

        return Prediction(scale, probabilities=in_chunks(output, scale.n_levels, probabilities))

    def kernel(self, scale: RatingScale) -> Kernel:
        """K-1 thresholds less the score."""
        return Kernel(_step, thresholds_less_score, width=scale.n_levels - 1, scratch=scale.n_levels - 1)


def _step(
    scores: Vector, level: int, constants: Vector, head: Vector, slopes: Vector, head_gradient: Vector, scratch: Vector
) -> float:
    n = len(head)
    own = len(scores) > 1  # whether the user adds to the head
    at = lower = -scores[0]  # a threshold less the score, and the one below it
    gap = at * 0
    for k in range(min(level + 1, n)):  # no threshold above the level matters
        raw = head[k]
        if own:
            raw += scores[1 + k]
        gap = raw
        scratch[k] = 1  # what a change of the head does to the gap
        if k > 0:
            gap = math.exp(min(max(raw, LEAST), MOST))
            scratch[k] = gap if LEAST < raw < MOST else raw * 0
        lower = at
        at += gap
    if level == n:
        lower = at
    # P = s(upper) * s(-lower) * (1 - exp(-gap)), s the logistic function: no difference of numbers near 1, and one logarithm
    share = at * 0 + 1
    both = upper = at * 0  # d loss / d both thresholds of the level, and / d the upper one
    if level < n:
        small = math.exp(-abs(at))
        above = 1 / (1 + small)
        below = small * above
        share *= above if at > 0 else below
        upper -= below if at > 0 else above
    both += upper
    if level > 0:
        small = math.exp(-abs(lower))
        above = 1 / (1 + small)
        below = small * above
        share *= below if lower > 0 else above
        both += above if lower > 0 else below
        if level < n:
            closed = -math.expm1(-gap)
            share *= closed
            upper -= (1 - closed) / closed
    slopes[0] = -both
    for k in range(n):
        change = at * 0
        if k < level:
            change = both * scratch[k]
        elif k == level:
            change = upper * scratch[k]
        head_gradient[k] += change
        if own:
            slopes[1 + k] = change
    return float(-math.log(max(share, 1e-30)))


def thresholds_less_score(scores: Vector, constants: Vector, head: Vector, out: Vector) -> None:
    """The head's thresholds, changed by what the user has of its own, less the score."""
    at = -scores[0]
    for k in range(len(head)):
        raw = head[k]
        if len(scores) > 1:
            raw += scores[1 + k]
        if k > 0:
            raw = math.exp(min(max(raw, LEAST), MOST))
        at += raw
        out[k] = at
