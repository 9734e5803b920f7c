"""Ordered logit with thresholds for each user.

Source: Koren and Sill, OrdRec: An Ordinal Model for Predicting Personalized Item Rating Distributions (2011), section 4.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cfce.objectives.cumulative_logit import CumulativeLogit
from cfce.objectives.kernel import Kernel
from cfce.scale import RatingScale

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class OrdRec(CumulativeLogit):
    """As ``CumulativeLogit``, but each user adds numbers of its own to the first threshold and to the logarithms of the gaps.

    The head is what users share, so that a user with few ratings stays near it.
    """

    name = "ordrec"
    description = "K-1 ordered thresholds for each user on the score; log-likelihood of the observed level: OrdRec"

    def outputs(self, scale: RatingScale) -> tuple[str, ...]:
        """The score, and K-1 numbers of the user."""
        return "dot", *("user",) * (scale.n_levels - 1)

    def torch_head(self, scale: RatingScale) -> "nn.Module":
        """The user's thresholds less scores, (B, K) to (B, K-1)."""
        from cfce.objectives.threshold_heads import UserThresholds

        return UserThresholds(scale)

    def kernel(self, scale: RatingScale) -> Kernel:
        """K-1 thresholds less the score; the parent's, which looks whether there are numbers of the user."""
        return super().kernel(scale)
