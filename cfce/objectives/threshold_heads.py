"""The torch head of ordered thresholds, and losses on it. Importing this file imports torch."""

import math

import torch
from torch import nn
from torch.nn.functional import logsigmoid, pad

from cfce.objectives.gaps import LEAST, MOST
from cfce.scale import RatingScale

FAR = 1e4
"""Stands for infinity beside thresholds: the slope of a constant that is infinite would not be a number."""


class Thresholds(nn.Module):
    """Scores (B,) to K-1 thresholds less the score, (B, K-1).

    ``bias`` (K-1,) holds the first threshold and the logarithms of the gaps.
    """

    def __init__(self, scale: RatingScale) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(scale.n_levels - 1))

    def forward(self, score: torch.Tensor) -> torch.Tensor:
        """Scores to thresholds less the score."""
        return self.ordered(self.bias.unsqueeze(0)) - score.unsqueeze(-1)

    def ordered(self, raw: torch.Tensor) -> torch.Tensor:
        """Thresholds from a first one and the logarithms of gaps, (B, K-1) each."""
        gaps = torch.cat([raw[:, :1], raw[:, 1:].clamp(LEAST, MOST).exp()], dim=1)
        return gaps.cumsum(dim=1)


class UserThresholds(Thresholds):
    """The same with thresholds for each user: scores are (B, K), the score and what is added to ``bias`` for the user."""

    def forward(self, score: torch.Tensor) -> torch.Tensor:
        """Scores to thresholds less the score."""
        return self.ordered(score[:, 1:] + self.bias) - score[:, :1]


def borders(cumulative: torch.Tensor, level: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The thresholds below and above each level, (B,) each, from thresholds less the score, (B, K-1)."""
    at = level.unsqueeze(1)
    lower = pad(cumulative, (1, 0), value=-FAR).gather(1, at)
    upper = pad(cumulative, (0, 1), value=FAR).gather(1, at)
    return lower.squeeze(1), upper.squeeze(1)


def logistic_interval(cumulative: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
    """The log probability of each level under a logistic distribution, (B,)."""
    lower, upper = borders(cumulative, level)
    return logsigmoid(upper) + logsigmoid(-lower) + torch.log(-torch.expm1(lower - upper))


def normal_interval(lower: torch.Tensor, upper: torch.Tensor) -> torch.Tensor:
    """The log probability of intervals under a standard normal distribution, (B,).

    Intervals above 0 are mirrored: the difference of two probabilities near 1 would lose its digits.
    """
    above = lower > 0
    low, high = torch.where(above, -upper, lower), torch.where(above, -lower, upper)
    root = math.sqrt(0.5)
    share = (torch.special.erfc(-high * root) - torch.special.erfc(-low * root)) / 2
    return torch.log(share.clamp(min=1e-30))
