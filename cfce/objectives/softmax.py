"""Cross-entropy over the levels with a vector for each: every level has an item vector and biases of its own.

Source: van den Berg, Kipf and Welling, Graph Convolutional Matrix Completion (2017), whose decoder it is without the graph;
Koren and Sill, OrdRec (2011), the multinomial model that they compare with.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cfce.objectives.base import Objective
from cfce.objectives.distributions import in_chunks, softmax
from cfce.objectives.kernel import Kernel, Vector
from cfce.predictions import Prediction
from cfce.scale import RatingScale

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class Softmax(Objective):
    """The K scores are the logits; the loss is the mean negative log probability of the observed level."""

    name = "softmax"
    description = "K scores as logits; cross-entropy with the observed level"
    family = "classification"

    def outputs(self, scale: RatingScale) -> tuple[str, ...]:
        """A dot product for each level."""
        return ("dot",) * scale.n_levels

    def torch_head(self, scale: RatingScale) -> "nn.Module":
        """Nothing: the scores are the logits, (B, K)."""
        from torch import nn

        return nn.Identity()

    def torch_loss(self, output: "torch.Tensor", level: "torch.Tensor", scale: RatingScale) -> "torch.Tensor":
        """The mean negative log probability of the levels."""
        return -output.log_softmax(dim=1).gather(1, level.unsqueeze(1)).mean()

    def predict(self, output: NDArray[np.float32], scale: RatingScale) -> Prediction:
        """The softmax of the logits."""
        return Prediction(scale, probabilities=in_chunks(output, scale.n_levels, softmax))

    def kernel(self, scale: RatingScale) -> Kernel:
        """K logits a rating."""
        return Kernel(_step, copy_scores, width=scale.n_levels)


def _step(
    scores: Vector, level: int, constants: Vector, head: Vector, slopes: Vector, head_gradient: Vector, scratch: Vector
) -> float:
    highest = scores[0]
    for j in range(1, len(scores)):
        highest = max(highest, scores[j])
    total = scores[0] * 0
    for j in range(len(scores)):
        slopes[j] = math.exp(scores[j] - highest)
        total += slopes[j]
    for j in range(len(scores)):
        slopes[j] /= total
    slopes[level] -= 1
    return float(math.log(total) + highest - scores[level])


def copy_scores(scores: Vector, constants: Vector, head: Vector, out: Vector) -> None:
    """The scores as they are."""
    for j in range(len(scores)):
        out[j] = scores[j]
