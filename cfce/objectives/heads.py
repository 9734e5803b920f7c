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


class Shift(nn.Module):
    """Score (B,) to a point (B,): plus a constant."""

    def __init__(self, by: float) -> None:
        super().__init__()
        self.by = by

    def forward(self, score: torch.Tensor) -> torch.Tensor:
        """Scores to points."""
        return score + self.by


class InColumns(nn.Module):
    """Scores (B,) or (B, D) to (B, D)."""

    def forward(self, score: torch.Tensor) -> torch.Tensor:
        """Scores in columns."""
        return score.unsqueeze(-1) if score.dim() == 1 else score


class MeanAndSpread(nn.Module):
    """Scores (B, 2) to a mean and the logarithm of a standard deviation, (B, 2), which stays within a range."""

    def __init__(self, mean: float, log_sigma: float, most: float) -> None:
        super().__init__()
        self.mean, self.log_sigma, self.most = mean, log_sigma, most

    def forward(self, scores: torch.Tensor) -> torch.Tensor:
        """Scores to outputs."""
        mean, spread = scores[:, :1] + self.mean, scores[:, 1:].clamp(-self.most, self.most) + self.log_sigma
        return torch.cat([mean, spread], dim=1)
