"""What an objective is: it turns scores into a loss and into a prediction."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from cfce.predictions import Prediction
from cfce.scale import RatingScale

if TYPE_CHECKING:
    import torch
    from torch import nn

    from cfce.objectives.kernel import Kernel

Head = dict[str, NDArray[np.float32]]
"""The objective's own parameters by name, as in the ``state_dict`` of its torch head."""


class Objective(ABC):
    """Turns the D scores of a rating into a loss and a prediction; it may own parameters, its head.

    A subclass is a frozen dataclass, whose fields are its options.

    One objective is one file and one registration. ``torch_head`` and ``torch_loss`` serve the fastai and torch engines;
    ``kernel`` serves the fused engine and may be left out (None), so that the other engines train it.
    """

    name: ClassVar[str]
    description: ClassVar[str] = ""
    """One line for ``bench list``: the prediction and the loss."""
    family: ClassVar[str]
    """``'regression'``, ``'classification'`` or ``'ordinal'``."""

    def outputs(self, scale: RatingScale) -> tuple[str, ...]:
        """The kinds of the D scores that it takes: see ``cfce.models.sizes.OUTPUT_KINDS``."""
        return ("dot",)

    def initial_head(self, scale: RatingScale, rng: np.random.Generator) -> Head:
        """The head's first weights by name; empty for an objective without a head."""
        return {}

    @abstractmethod
    def torch_head(self, scale: RatingScale) -> "nn.Module":
        """The module from scores, (B,) or (B, D) where D > 1, to outputs: points (B,), logits (B, K) and the like."""

    @abstractmethod
    def torch_loss(self, output: "torch.Tensor", level: "torch.Tensor", scale: RatingScale) -> "torch.Tensor":
        """The mean loss of a batch, a scalar; ``level`` is (B,) int64."""

    @abstractmethod
    def predict(self, output: NDArray[np.float32], scale: RatingScale) -> Prediction:
        """The prediction that outputs stand for, one row a rating."""

    def kernel(self, scale: RatingScale) -> "Kernel | None":
        """The functions that the fused engine compiles, or None where there are none."""
        return None


def usable_kernel(objective: Objective) -> bool:
    """Whether the fused engine may train an objective by its kernel.

    A kernel counts only where the class that defines it is at least as derived as those that define what it repeats: a
    subclass that changes ``torch_loss``, ``torch_head`` or ``outputs`` does not train its parent's loss.
    """
    mro = type(objective).__mro__

    def defined(name: str) -> int:
        return next(number for number, cls in enumerate(mro) if name in vars(cls))

    if mro[defined("kernel")] is Objective:
        return False
    return all(defined("kernel") <= defined(name) for name in ("torch_loss", "torch_head", "outputs"))
