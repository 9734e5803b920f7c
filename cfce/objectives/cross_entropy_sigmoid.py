"""Cross-entropy over the levels, by ``Linear(1, K)`` on the score after a sigmoid range."""

import math
from typing import TYPE_CHECKING

from cfce.objectives.cross_entropy import CrossEntropy
from cfce.objectives.kernel import Kernel, Vector
from cfce.scale import RatingScale

if TYPE_CHECKING:
    from torch import nn


class CrossEntropySigmoid(CrossEntropy):
    """As ``CrossEntropy``, but the linear layer sees the score squeezed into the scale's ``y_range``."""

    name = "cross-entropy-sigmoid"

    def torch_head(self, scale: RatingScale) -> "nn.Module":
        """``Linear(1, K)`` after the sigmoid range, (B,) to (B, K)."""
        from cfce.objectives.heads import LinearHead

        return LinearHead(scale, ranged=True)

    def kernel(self, scale: RatingScale) -> Kernel:
        """K logits a rating."""
        return Kernel(_step, _output, width=scale.n_levels)


def _step(
    score: float,
    level: int,
    head: Vector,
    values: Vector,
    low: float,
    high: float,
    head_gradient: Vector,
    scratch: Vector,
) -> tuple[float, float]:
    k = len(values)  # head is weight (K,) then bias (K,)
    share = 1 / (1 + math.exp(-score))
    ranged = share * (high - low) + low
    highest = head[0] * ranged + head[k]
    for j in range(1, k):
        highest = max(highest, head[j] * ranged + head[k + j])
    total = 0.0
    for j in range(k):
        scratch[j] = math.exp(head[j] * ranged + head[k + j] - highest)
        total += scratch[j]
    slope = 0.0
    for j in range(k):
        error = scratch[j] / total
        if j == level:
            error -= 1
        head_gradient[j] += error * ranged
        head_gradient[k + j] += error
        slope += error * head[j]
    loss = math.log(total) + highest - (head[level] * ranged + head[k + level])
    return loss, slope * (high - low) * share * (1 - share)


def _output(score: float, head: Vector, values: Vector, low: float, high: float, out: Vector) -> None:
    k = len(values)
    ranged = (high - low) / (1 + math.exp(-score)) + low
    for j in range(k):
        out[j] = head[j] * ranged + head[k + j]
