"""Conditional ordinal regression: K-1 binary tasks, each on the ratings that reach it.

Source: Shi, Cao and Raschka, Deep Neural Networks for Rank-Consistent Ordinal Regression Based on Conditional Probabilities
(2021), sections 3.3 and 3.4. The tasks are summed for each rating, not averaged over the batch's share of each task.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cfce.objectives.base import Objective
from cfce.objectives.distributions import in_chunks, logistic
from cfce.objectives.kernel import Kernel, Vector
from cfce.objectives.softmax import copy_scores
from cfce.predictions import Prediction
from cfce.scale import RatingScale

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class Corn(Objective):
    """Score k, k = 0..K-2, is the logit of P(level > k | level >= k); the loss is the mean negative log probability.

    That is the binary cross-entropy of the tasks 0 to the observed level, summed.
    """

    name = "corn"
    description = "K-1 binary tasks, each given that the one before came true; their cross-entropies summed: CORN"
    family = "ordinal"

    def outputs(self, scale: RatingScale) -> tuple[str, ...]:
        """A dot product for each task."""
        return ("dot",) * (scale.n_levels - 1)

    def torch_head(self, scale: RatingScale) -> "nn.Module":
        """The scores as logits, (B, K-1)."""
        from cfce.objectives.heads import InColumns

        return InColumns()

    def torch_loss(self, output: "torch.Tensor", level: "torch.Tensor", scale: RatingScale) -> "torch.Tensor":
        """The mean over ratings of the summed cross-entropies of their tasks."""
        import torch
        from torch.nn.functional import logsigmoid

        task, at = torch.arange(scale.n_levels - 1, device=output.device), level.unsqueeze(1)
        passed, stopped = (at > task).to(output.dtype), (at == task).to(output.dtype)
        return -(passed * logsigmoid(output) + stopped * logsigmoid(-output)).sum(dim=1).mean()

    def predict(self, output: NDArray[np.float32], scale: RatingScale) -> Prediction:
        """The products of the conditional probabilities."""

        def probabilities(logits: NDArray[np.float64]) -> NDArray[np.float64]:
            n = len(logits)
            reached = np.cumprod(np.column_stack([np.ones(n), logistic(logits)]), axis=1)
            return np.asarray(reached * np.column_stack([logistic(-logits), np.ones(n)]), dtype=np.float64)

        return Prediction(scale, probabilities=in_chunks(output, scale.n_levels, probabilities))

    def kernel(self, scale: RatingScale) -> Kernel:
        """K-1 logits a rating."""
        return Kernel(_step, copy_scores, width=scale.n_levels - 1)


def _step(
    scores: Vector, level: int, constants: Vector, head: Vector, slopes: Vector, head_gradient: Vector, scratch: Vector
) -> float:
    loss = scores[0] * 0
    for k in range(len(scores)):
        slopes[k] = 0
        if k <= level:
            logit = scores[k] if k < level else -scores[k]  # of what was observed
            loss += math.log1p(math.exp(-abs(logit))) + max(-logit, 0.0)
            wrong = 1 / (1 + math.exp(logit))
            slopes[k] = -wrong if k < level else wrong
    return float(loss)
