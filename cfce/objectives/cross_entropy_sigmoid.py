"""Cross-entropy over the levels, by ``Linear(1, K)`` on the score after a sigmoid range."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cfce.objectives.cross_entropy import CrossEntropy
from cfce.objectives.kernel import Kernel
from cfce.scale import RatingScale

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class CrossEntropySigmoid(CrossEntropy):
    """As ``CrossEntropy``, but the linear layer sees the score squeezed into the scale's ``y_range``."""

    name = "cross-entropy-sigmoid"
    description = "as cross-entropy, with the score in the sigmoid range before the K logits"

    def torch_head(self, scale: RatingScale) -> "nn.Module":
        """``Linear(1, K)`` after the sigmoid range, (B,) to (B, K)."""
        from cfce.objectives.heads import LinearHead

        return LinearHead(scale, ranged=True)

    def kernel(self, scale: RatingScale) -> Kernel:
        """K logits a rating, of the score in the range."""
        return replace(super().kernel(scale), ranged=True)
