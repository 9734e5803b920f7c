"""What an objective is: it turns scores into a loss and into a prediction."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

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
    """Turns a score (B,) into a loss and a prediction; it may own parameters, its head.

    One objective is one file and one registration. ``torch_head`` and ``torch_loss`` serve the fastai and torch engines;
    ``kernel`` serves the fused engine and may be left out (None), so that the other engines train it.
    """

    name: str
    family: str
    """``'regression'`` (predicts points) or ``'classification'`` (predicts a distribution)."""

    def initial_head(self, scale: RatingScale, rng: np.random.Generator) -> Head:
        """The head's first weights by name; empty for an objective without a head."""
        return {}

    @abstractmethod
    def torch_head(self, scale: RatingScale) -> "nn.Module":
        """The module from scores (B,) to outputs: (B,) points or (B, K) logits."""

    @abstractmethod
    def torch_loss(self, output: "torch.Tensor", level: "torch.Tensor", scale: RatingScale) -> "torch.Tensor":
        """The mean loss of a batch, a scalar; ``level`` is (B,) int64."""

    @abstractmethod
    def predict(self, output: NDArray[np.float32], scale: RatingScale) -> Prediction:
        """The prediction that outputs (N,) or (N, K) stand for."""

    def kernel(self, scale: RatingScale) -> "Kernel | None":
        """The functions that the fused engine compiles, or None where there are none."""
        return None
