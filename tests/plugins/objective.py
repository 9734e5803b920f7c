"""The objective ``pseudo-huber``: squared error near the rating, absolute error far from it; and a variant with it."""

from dataclasses import dataclass
from typing import ClassVar

from bench.registry import Network, Objective, register_objective, register_variant
from cfce.models.dot_product_bias import dot_product_bias
from cfce.predictions import Prediction


@dataclass(frozen=True)
class PseudoHuber(Objective):
    """A point in the sigmoid range; the loss is delta^2 (sqrt(1 + (error / delta)^2) - 1), the error in ratings."""

    name: ClassVar[str] = "pseudo-huber"
    family: ClassVar[str] = "regression"

    delta: float = 1.0
    """The error, in ratings, from which the loss grows as the absolute error does."""

    def torch_head(self, scale):
        from cfce.objectives.heads import SigmoidRange

        return SigmoidRange(scale)

    def torch_loss(self, output, level, scale):
        import torch

        error = output - torch.as_tensor(scale.array, device=output.device)[level]
        return (self.delta**2 * (torch.sqrt(1 + (error / self.delta) ** 2) - 1)).mean()

    def predict(self, output, scale):
        return Prediction(scale, points=output)


register_objective(PseudoHuber())
register_variant("huber", "the book's model with a robust loss", estimator=Network(dot_product_bias, "pseudo-huber"))
