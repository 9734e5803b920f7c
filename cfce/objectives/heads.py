"""The torch modules that objectives put after a score. Importing this file imports torch."""

import torch
from torch import nn

from cfce.scale import RatingScale


class SigmoidRange(nn.Module):
    """Score (B,) to a point (B,) in the scale's ``y_range``: ``sigmoid(score) * (high - low) + low``."""

    def __init__(self, scale: RatingScale) -> None:
        super().__init__()
        self.low, self.high = scale.y_range

    def forward(self, score: torch.Tensor) -> torch.Tensor:
        """Scores to points."""
        return torch.sigmoid(score) * (self.high - self.low) + self.low

    def extra_repr(self) -> str:
        """The range, for ``print`` and diagrams."""
        return f"{self.low:g}, {self.high:g}"


class LinearHead(nn.Module):
    """Score (B,) to K logits (B, K) by ``Linear(1, K)``, on the bare score or on the score in the ``y_range``."""

    def __init__(self, scale: RatingScale, *, ranged: bool) -> None:
        super().__init__()
        self.range = SigmoidRange(scale) if ranged else nn.Identity()
        self.linear = nn.Linear(1, scale.n_levels)

    def forward(self, score: torch.Tensor) -> torch.Tensor:
        """Scores to logits."""
        logits: torch.Tensor = self.linear(self.range(score).unsqueeze(-1))
        return logits
