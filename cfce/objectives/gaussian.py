"""A normal distribution around the score, with a standard deviation learnt for users and items.

Source: the interval-censored normal likelihood; Tobin, Estimation of Relationships for Limited Dependent Variables (1958).
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cfce.objectives.base import Objective
from cfce.objectives.distributions import from_cumulative, in_chunks, normal
from cfce.objectives.kernel import Kernel, Vector
from cfce.objectives.squared_error_linear import middle
from cfce.predictions import Prediction
from cfce.scale import RatingScale

if TYPE_CHECKING:
    import torch
    from torch import nn

MOST = 3.0
"""How far the logarithm of sigma, in steps of the scale, may be from 0."""


@dataclass(frozen=True)
class Gaussian(Objective):
    """The mean is the middle of the scale plus the first score; sigma is the scale's mean step times exp(second score).

    The loss is the mean negative log probability of the interval around the observed rating, from midpoint to midpoint.
    """

    name = "gaussian"
    description = "a normal distribution with learnt mean and sigma, cut into the levels; log-likelihood of the observed level"
    family = "regression"

    def outputs(self, scale: RatingScale) -> tuple[str, ...]:
        """A dot product for the mean, biases of user and item for the logarithm of sigma."""
        return "dot", "bias"

    def torch_head(self, scale: RatingScale) -> "nn.Module":
        """Means and logarithms of sigma in rating units, (B, 2)."""
        from cfce.objectives.heads import MeanAndSpread

        return MeanAndSpread(middle(scale), log_step(scale), MOST)

    def torch_loss(self, output: "torch.Tensor", level: "torch.Tensor", scale: RatingScale) -> "torch.Tensor":
        """The mean negative log probability of the intervals."""
        import torch

        from cfce.objectives.threshold_heads import borders, normal_interval

        edges = torch.as_tensor(scale.midpoints.astype(np.float32), device=output.device)
        mean, sigma = output[:, :1], output[:, 1:].exp()
        return -normal_interval(*borders((edges - mean) / sigma, level)).mean()

    def predict(self, output: NDArray[np.float32], scale: RatingScale) -> Prediction:
        """Means, clipped to the scale, and the probabilities of the intervals."""

        def probabilities(rows: NDArray[np.float64]) -> NDArray[np.float64]:
            return from_cumulative(normal, (scale.midpoints - rows[:, :1]) / np.exp(rows[:, 1:]))

        points = output[:, 0].clip(scale.values[0], scale.values[-1]).astype(np.float32)
        return Prediction(scale, points, in_chunks(output, scale.n_levels, probabilities))

    def kernel(self, scale: RatingScale) -> Kernel:
        """A mean and the logarithm of sigma a rating; the constants are those of the middle, and the midpoints."""
        constants = np.array([middle(scale), log_step(scale), *scale.midpoints], dtype=np.float32)
        return Kernel(_step, _output, width=2, constants=constants)


def log_step(scale: RatingScale) -> float:
    """The logarithm of the mean difference between neighbouring values.

    >>> log_step(RatingScale((1, 2, 3)))
    0.0
    """
    return math.log(scale.span / (scale.n_levels - 1))


def _step(
    scores: Vector, level: int, constants: Vector, head: Vector, slopes: Vector, head_gradient: Vector, scratch: Vector
) -> float:
    n = len(constants) - 2
    mean = constants[0] + scores[0]
    sigma = math.exp(constants[1] + min(max(scores[1], -MOST), MOST))
    far = scores[0] * 0 + 1e4
    low = (constants[1 + level] - mean) / sigma if level > 0 else -far
    high = (constants[2 + level] - mean) / sigma if level < n else far
    if low > 0:  # mirrored: the difference of two probabilities near 1 would lose its digits
        share = (math.erfc(low * math.sqrt(0.5)) - math.erfc(high * math.sqrt(0.5))) / 2
    else:
        share = (math.erfc(-high * math.sqrt(0.5)) - math.erfc(-low * math.sqrt(0.5))) / 2
    slopes[0] = slopes[1] = 0
    if share > 1e-30:
        at_low = math.exp(-low * low / 2) / math.sqrt(2 * math.pi) / share
        at_high = math.exp(-high * high / 2) / math.sqrt(2 * math.pi) / share
        slopes[0] = (at_high - at_low) / sigma
        if -MOST < scores[1] < MOST:
            slopes[1] = at_high * high - at_low * low
    return float(-math.log(max(share, 1e-30)))


def _output(scores: Vector, constants: Vector, head: Vector, out: Vector) -> None:
    out[0] = constants[0] + scores[0]
    out[1] = constants[1] + min(max(scores[1], -MOST), MOST)
