"""Squared error without a range: the score is the rating's difference from the middle of the scale.

Source: Koren, Bell and Volinsky, Matrix Factorization Techniques for Recommender Systems (2009).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cfce.objectives.kernel import Kernel, Vector
from cfce.objectives.squared_error import SquaredError
from cfce.predictions import Prediction
from cfce.scale import RatingScale

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class LinearSquaredError(SquaredError):
    """The point is the middle of the scale plus the score; predictions are clipped to the scale, the loss is not."""

    name = "squared-error-linear"
    description = "the score added to the middle of the scale; squared error of that point"

    def torch_head(self, scale: RatingScale) -> "nn.Module":
        """``score + middle``, (B,) to (B,)."""
        from cfce.objectives.heads import Shift

        return Shift(middle(scale))

    def predict(self, output: NDArray[np.float32], scale: RatingScale) -> Prediction:
        """Points in the scale."""
        return super().predict(output.clip(scale.values[0], scale.values[-1]), scale)

    def kernel(self, scale: RatingScale) -> Kernel:
        """One point a rating."""
        constants: Vector = np.append(scale.array, np.float32(middle(scale)))
        return Kernel(_step, _output, width=1, constants=constants, squared=True)


def middle(scale: RatingScale) -> float:
    """Halfway between the lowest and the highest value."""
    return (scale.values[0] + scale.values[-1]) / 2


def _step(
    scores: Vector, level: int, constants: Vector, head: Vector, slopes: Vector, head_gradient: Vector, scratch: Vector
) -> float:
    error = scores[0] + constants[len(constants) - 1] - constants[level]
    slopes[0] = 2 * error
    return float(error * error)


def _output(scores: Vector, constants: Vector, head: Vector, out: Vector) -> None:
    out[0] = scores[0] + constants[len(constants) - 1]
