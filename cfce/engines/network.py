"""The torch network of a task with its first weights, for the engines fastai and torch. Importing this file imports torch."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from cfce.engines.task import Task
from cfce.errors import UserError
from cfce.models.dot_product_bias import dot_product_bias
from cfce.models.dot_product_bias_implicit import dot_product_bias_implicit
from cfce.models.dot_product_weights import initial_weights, initial_weights_of_feedback
from cfce.seeds import stream


class Network(nn.Module):
    """The scores, D a rating, then what the objective makes of them."""

    def __init__(self, scorer: nn.Module, head: nn.Module, n_outputs: int = 1, objective: str = "objective") -> None:
        super().__init__()
        self.scorer = scorer
        self.head = head
        self.n_outputs = n_outputs
        self.objective = objective

    def forward(self, user: torch.Tensor, item: torch.Tensor) -> torch.Tensor:
        """User and item codes, (B,) each, to outputs: (B,) points or (B, K) logits."""
        scores = self.scorer(user, item)
        wanted = user.shape if self.n_outputs == 1 else (*user.shape, self.n_outputs)
        if scores.shape != wanted:
            scores = self._flattened(scores, user)
        output: torch.Tensor = self.head(scores)
        return output

    def _flattened(self, scores: torch.Tensor, user: torch.Tensor) -> torch.Tensor:
        """One score a rating that comes in a column, (B, 1), as (B,); ``UserError`` for any other shape."""
        if self.n_outputs == 1 and scores.shape == (*user.shape, 1):
            return scores.squeeze(-1)
        takes = "(B,)" if self.n_outputs == 1 else f"(B, {self.n_outputs})"
        raise UserError(
            f"the scorer '{type(self.scorer).__name__}' gives scores of shape {tuple(scores.shape)} for {len(user)} ratings, but "
            f"the objective '{self.objective}' takes {takes}; give as many scores a rating as 'sizes.n_outputs' says"
        )


def build_network(task: Task) -> Network:
    """The task's network on the CPU.

    The dot products and every head take their first weights from the task's NumPy streams, the same in every engine.
    A user's own scorer draws them itself, under torch's generator seeded from the stream ``'weights'`` and put back after.
    """
    scale = task.sizes.scale
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(stream(task.seed, "weights").integers(2**63)))
        scorer = task.scorer(task.sizes)
        head = task.objective.torch_head(scale)
    if task.scorer in (dot_product_bias, dot_product_bias_implicit):
        first = initial_weights(task.sizes, stream(task.seed, "weights"))
        if task.scorer is dot_product_bias_implicit:
            first |= initial_weights_of_feedback(task.sizes, stream(task.seed, "feedback"))
        _load(scorer, first)
    first_head = task.objective.initial_head(scale, stream(task.seed, "head"))
    if first_head:
        _load(head, first_head)
    return Network(scorer, head, task.sizes.n_outputs, task.objective.name)


def check_scores(task: Task) -> None:
    """``UserError`` where the scorer gives scores of another shape than the objective takes: it is asked for two ratings."""
    train = task.fold.train
    user, item = (torch.as_tensor(codes[:2].copy()).long() for codes in (train.user, train.item))
    with torch.no_grad():
        build_network(task)(user, item)


def _load(module: nn.Module, weights: dict[str, NDArray[np.float32]]) -> None:
    module.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
