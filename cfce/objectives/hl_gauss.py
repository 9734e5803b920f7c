"""Cross-entropy against a soft target: a normal distribution around the rating, cut into the levels (HL-Gauss).

Source: Imani and White, Improving Regression Performance with Distributional Losses (2018); Farebrother et al., Stop
Regressing: Training Value Functions via Classification (2024).
"""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cfce.errors import UserError
from cfce.objectives.distributions import normal
from cfce.objectives.kernel import Kernel, Vector
from cfce.objectives.softmax import Softmax, copy_scores
from cfce.scale import RatingScale
from cfce.search import Range, searched

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class HLGauss(Softmax):
    """The K scores are logits; the loss is their cross-entropy with the soft target of the observed level."""

    name = "hl-gauss"
    description = "K scores as logits; cross-entropy with a normal distribution around the observed rating: HL-Gauss"

    sigma: float = field(default=0.5, metadata=searched(Range(0.2, 1.5)))
    """Standard deviation of the target's normal distribution, in rating units."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.sigma) and self.sigma > 0):
            raise UserError(f"sigma {self.sigma:g} came; the sigma of hl-gauss is a finite number above 0, such as 0.5")

    def targets(self, scale: RatingScale) -> NDArray[np.float32]:
        """Row k is the target of level k, (K, K): the share of a normal around its value that is nearest to each level.

        >>> HLGauss(sigma=0.5).targets(RatingScale((1, 2, 3)))[0].astype(float).round(4).tolist()  # 0.8413 lies below 1.5
        [0.8413, 0.1573, 0.0013]
        """
        edges = np.concatenate([[-np.inf], scale.midpoints, [np.inf]])
        reached = normal((edges - np.asarray(scale.values)[:, None]) / self.sigma)
        return np.asarray(np.diff(reached, axis=1), dtype=np.float32)

    def torch_loss(self, output: "torch.Tensor", level: "torch.Tensor", scale: RatingScale) -> "torch.Tensor":
        """The mean cross-entropy of the targets and the softmax."""
        import torch

        targets = torch.as_tensor(self.targets(scale), device=output.device)
        return -(targets[level] * output.log_softmax(dim=1)).sum(dim=1).mean()

    def kernel(self, scale: RatingScale) -> Kernel:
        """K logits a rating; the constants are the targets."""
        return Kernel(_step, copy_scores, width=scale.n_levels, constants=self.targets(scale).ravel())


def _step(
    scores: Vector, level: int, targets: Vector, head: Vector, slopes: Vector, head_gradient: Vector, scratch: Vector
) -> float:
    k = len(scores)
    highest = scores[0]
    for j in range(1, k):
        highest = max(highest, scores[j])
    total = scores[0] * 0
    for j in range(k):
        slopes[j] = math.exp(scores[j] - highest)
        total += slopes[j]
    log_total = math.log(total) + highest
    loss = scores[0] * 0
    for j in range(k):
        target = targets[level * k + j]
        slopes[j] = slopes[j] / total - target
        loss += target * (log_total - scores[j])
    return float(loss)
