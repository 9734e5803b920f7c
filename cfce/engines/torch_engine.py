"""The engine ``torch``: any module, any device, fastai's training without fastai's loaders. Importing this file imports torch.

``fit_batched`` trains tasks that differ in seed, order, learning rate and fold in one pass (``cfce.engines.batched_networks``);
``fit`` trains a batch of one. A module that cannot be batched is run as it is.
"""

from collections.abc import Callable, Sequence

import torch

from cfce.engines.network import build_network
from cfce.engines.task import Fitted, Task
from cfce.engines.torch_adam import Adam, undecayed
from cfce.engines.torch_data import Columns
from cfce.engines.torch_loop import train
from cfce.engines.trial_batches import fit_trial_batches
from cfce.seeds import stream


def fit(task: Task, keep_step_losses: bool = False) -> Fitted:
    """Train one task; ``keep_step_losses`` records the loss of every step.

    A loss that is not finite is kept as it is: ``Fitted.diverged`` tells.
    """
    return fit_batched([task], keep_step_losses=keep_step_losses)[0]


def _fit_as_it_is(task: Task, keep_step_losses: bool) -> Fitted:
    device = torch.device(task.device)
    every = list(range(torch.cuda.device_count())) if device.type == "cuda" else []
    with torch.random.fork_rng(devices=every):  # what a module draws as it trains, such as dropout, comes from the seed
        torch.manual_seed(int(stream(task.seed, "forward").integers(2**63)))
        return train([task], Alone(task, device), device, keep_step_losses)[0]


def fit_batched(
    tasks: Sequence[Task],
    at_once: int | None = None,
    log: Callable[[str], None] | None = None,
    keep_step_losses: bool = False,
) -> list[Fitted]:
    """Train tasks in one pass where they can be batched; the results are in the order of the tasks.

    ``at_once`` is the most trials in one pass (None: as many as is fast on the CPU and as fit on a CUDA device). ``log`` is
    told, in one sentence each, of a module that trains alone and of a batch made smaller for lack of memory.

    Raises ``UserError`` for fewer than 1 at once.
    """
    return fit_trial_batches(tasks, at_once, log or (lambda sentence: None), _fit_as_it_is, keep_step_losses)


class Alone:
    """One network as it is, with its optimiser; a parameter takes part from its first gradient on, as with fastai."""

    def __init__(self, task: Task, device: torch.device) -> None:
        self._network = build_network(task).to(device)
        self._objective = task.objective
        self._scale = task.fold.scale
        self._weight_decay = task.options.weight_decay
        named = [(name, p) for name, p in self._network.named_parameters() if p.requires_grad]
        exempt = undecayed(self._network)
        self._parameters = [parameter for _, parameter in named]
        self._decays = [name not in exempt for name, _ in named]
        rates, momenta = task.schedule()
        self._schedule = zip(rates.tolist(), momenta.tolist(), strict=True)
        self._waiting = set(range(len(named)))  # parameters that have had no gradient yet
        self._adams: list[tuple[list[int], Adam]] = []
        self.n_parameters = sum(parameter.numel() for parameter in self._network.parameters())

    def step(self, batch: Columns) -> torch.Tensor:
        """One step on a batch of shape (1, B)."""
        rate, momentum = next(self._schedule)
        user, item, level = (column[0] for column in batch)
        output = self._network(user, item)
        loss = self._objective.torch_loss(output, level, self._scale)
        gradients = list(torch.autograd.grad(loss, self._parameters, allow_unused=True))
        if self._waiting:
            self._admit(gradients)
        for which, adam in self._adams:
            adam.step([self._dense(gradients[i], i) for i in which], rate, momentum)
        return loss.detach().view(1)

    def losses(self, batch: Columns) -> torch.Tensor:
        """The mean loss of held-out ratings of shape (1, B)."""
        with self._evaluating():
            output = self._network(batch[0][0], batch[1][0])
            loss = self._objective.torch_loss(output, batch[2][0], self._scale)
        self._network.train()
        return loss.view(1)

    def outputs(self, batch: Columns) -> torch.Tensor:
        """The outputs for held-out ratings of shape (1, B)."""
        with self._evaluating():
            output: torch.Tensor = self._network(batch[0][0], batch[1][0])
        self._network.train()
        return output[None]

    def end_epoch(self) -> None:
        """Nothing to do."""

    def _evaluating(self) -> torch.no_grad:
        self._network.eval()
        return torch.no_grad()

    def _admit(self, gradients: Sequence[torch.Tensor | None]) -> None:
        fresh = [i for i in sorted(self._waiting) if gradients[i] is not None]
        for decays in (True, False):
            which = [i for i in fresh if self._decays[i] is decays]
            if which:
                decay = self._weight_decay if decays else 0.0
                self._adams.append((which, Adam([self._parameters[i] for i in which], decay)))
        self._waiting -= set(fresh)

    def _dense(self, gradient: torch.Tensor | None, i: int) -> torch.Tensor:
        if gradient is None:  # had one before, so it goes on by its averages
            return torch.zeros_like(self._parameters[i])
        return gradient.to_dense() if gradient.is_sparse else gradient
