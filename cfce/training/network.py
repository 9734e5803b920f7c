"""The torch network of a task with its first weights, for the engines fastai and torch. Importing this file imports torch."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from cfce.models.dot_product_bias import dot_product_bias, initial_weights
from cfce.seeds import stream
from cfce.training.task import Task


class Network(nn.Module):
    """The score, then what the objective makes of it."""

    def __init__(self, scorer: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.scorer = scorer
        self.head = head

    def forward(self, user: torch.Tensor, item: torch.Tensor) -> torch.Tensor:
        """User and item codes, (B,) each, to outputs: (B,) points or (B, K) logits."""
        output: torch.Tensor = self.head(self.scorer(user, item))
        return output


def build_network(task: Task) -> Network:
    """The task's network on the CPU.

    The built-in scorer and every head take their first weights from the task's NumPy streams, the same in every engine.
    A user's own scorer draws them itself, under torch's generator seeded from the stream ``'weights'`` and put back after.
    """
    scale = task.sizes.scale
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(stream(task.seed, "weights").integers(2**63)))
        scorer = task.scorer(task.sizes)
        head = task.objective.torch_head(scale)
    if task.scorer is dot_product_bias:
        _load(scorer, initial_weights(task.sizes, stream(task.seed, "weights")))
    first_head = task.objective.initial_head(scale, stream(task.seed, "head"))
    if first_head:
        _load(head, first_head)
    return Network(scorer, head)


def _load(module: nn.Module, weights: dict[str, NDArray[np.float32]]) -> None:
    module.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
