"""Squared error on a sigmoid range: the regression of chapter 8 of the fastai book."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cfce.objectives.base import Objective
from cfce.objectives.kernel import Kernel, Vector
from cfce.predictions import Prediction
from cfce.scale import RatingScale

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class SquaredError(Objective):
    """The score goes through a sigmoid into the scale's ``y_range``; the loss is the mean squared error of that point."""

    name = "squared-error"
    description = "the score in the sigmoid range; squared error of that point"
    family = "regression"

    def torch_head(self, scale: RatingScale) -> "nn.Module":
        """``sigmoid(score) * (high - low) + low``, (B,) to (B,)."""
        from cfce.objectives.heads import SigmoidRange

        return SigmoidRange(scale)

    def torch_loss(self, output: "torch.Tensor", level: "torch.Tensor", scale: RatingScale) -> "torch.Tensor":
        """The mean squared difference between the points and the ratings."""
        import torch
        from torch.nn.functional import mse_loss

        values = torch.as_tensor(scale.array, device=output.device)
        return mse_loss(output, values[level])

    def predict(self, output: NDArray[np.float32], scale: RatingScale) -> Prediction:
        """Points."""
        return Prediction(scale, points=np.ascontiguousarray(output, dtype=np.float32).reshape(-1))

    def kernel(self, scale: RatingScale) -> Kernel:
        """One point a rating."""
        return Kernel(_step, _output, width=1, constants=scale.array, ranged=True, squared=True)


def _step(
    scores: Vector, level: int, values: Vector, head: Vector, slopes: Vector, head_gradient: Vector, scratch: Vector
) -> float:
    error = scores[0] - values[level]
    slopes[0] = 2 * error
    return float(error * error)


def _output(scores: Vector, values: Vector, head: Vector, out: Vector) -> None:
    out[0] = scores[0]
