"""Cross-entropy over the levels, by ``Linear(1, K)`` on the bare score."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cfce.errors import unknown_name
from cfce.objectives.base import Head, Objective
from cfce.objectives.distributions import in_chunks, softmax
from cfce.objectives.kernel import Kernel, Vector
from cfce.predictions import Prediction
from cfce.scale import RatingScale
from cfce.search import Range, searched

if TYPE_CHECKING:
    import torch
    from torch import nn

HEAD_INITS = {
    "random": "uniform on (-1, 1), as ``nn.Linear`` begins: some draws train much worse than others",
    "ordered": "weights that rise with the rating from -1 to 1, biases 0: the same for every seed",
}


@dataclass(frozen=True)
class CrossEntropy(Objective):
    """Logit k is ``weight[k] * score + bias[k]``; the loss is the mean negative log probability of the observed level."""

    name = "cross-entropy"
    description = "K logits, each a weight times the score plus a bias; cross-entropy with the observed level"
    family = "classification"

    head_init: str = field(default="random", metadata=searched(Range(choices=("random", "ordered"))))
    """How the linear layer begins: random, or ordered by the rating, its weights rising."""

    def __post_init__(self) -> None:
        if self.head_init not in HEAD_INITS:
            raise unknown_name("head init", self.head_init, HEAD_INITS)

    def initial_head(self, scale: RatingScale, rng: np.random.Generator) -> Head:
        """``linear.weight`` (K, 1) and ``linear.bias`` (K,); ``'random'`` is ``nn.Linear``'s default for one input."""
        k = scale.n_levels
        if self.head_init == "ordered":
            return {
                "linear.weight": np.linspace(-1, 1, k, dtype=np.float32)[:, None],
                "linear.bias": np.zeros(k, dtype=np.float32),
            }
        return {
            "linear.weight": rng.uniform(-1, 1, (k, 1)).astype(np.float32),
            "linear.bias": rng.uniform(-1, 1, k).astype(np.float32),
        }

    def torch_head(self, scale: RatingScale) -> "nn.Module":
        """``Linear(1, K)``, (B,) to (B, K)."""
        from cfce.objectives.heads import LinearHead

        return LinearHead(scale, ranged=False)

    def torch_loss(self, output: "torch.Tensor", level: "torch.Tensor", scale: RatingScale) -> "torch.Tensor":
        """The mean negative log probability of the levels."""
        # not torch's cross_entropy, which at every step also looks for levels that are to be ignored: a third of its operations
        return -output.log_softmax(dim=1).gather(1, level.unsqueeze(1)).mean()

    def predict(self, output: NDArray[np.float32], scale: RatingScale) -> Prediction:
        """The softmax of the logits, computed in float64 so that each row sums to 1 in float32.

        >>> CrossEntropy().predict(np.zeros((1, 4), np.float32), RatingScale((1, 2, 3, 4))).probabilities.tolist()
        [[0.25, 0.25, 0.25, 0.25]]
        """
        return Prediction(scale, probabilities=in_chunks(output, scale.n_levels, softmax))

    def kernel(self, scale: RatingScale) -> Kernel:
        """K logits a rating."""
        return Kernel(_step, _output, width=scale.n_levels, scratch=scale.n_levels)


def _step(
    scores: Vector, level: int, constants: Vector, head: Vector, slopes: Vector, head_gradient: Vector, scratch: Vector
) -> float:
    score, k = scores[0], len(scratch)  # head is weight (K,) then bias (K,)
    highest = head[0] * score + head[k]
    for j in range(1, k):
        highest = max(highest, head[j] * score + head[k + j])
    total = score * 0
    for j in range(k):
        scratch[j] = math.exp(head[j] * score + head[k + j] - highest)
        total += scratch[j]
    slope = score * 0
    for j in range(k):
        error = scratch[j] / total
        if j == level:
            error -= 1
        head_gradient[j] += error * score
        head_gradient[k + j] += error
        slope += error * head[j]
    slopes[0] = slope
    return float(math.log(total) + highest - (head[level] * score + head[k + level]))


def _output(scores: Vector, constants: Vector, head: Vector, out: Vector) -> None:
    k = len(out)
    for j in range(k):
        out[j] = head[j] * scores[0] + head[k + j]
