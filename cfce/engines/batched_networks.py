"""Several trials in one pass: S networks, their parameters side by side, stepped together. Importing this file imports torch.

A recorded graph (``cfce.engines.mapped_network``) gives losses and gradients. On the CPU a table of which only rows are
looked up gets an optimiser of its own, whose other rows wait (``RowAdam``): a dense gradient of the whole table, new at every
step, would cost more than all the rest. A recorded graph is right only for a module that computes the same at every call, so
each epoch's first batch is also computed by the module itself, and the two must agree.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from cfce.engines.mapped_network import CannotBatchError, MappedNetwork, at_once, close, recorded, with_gradient
from cfce.engines.network import build_network
from cfce.engines.row_adam import RowAdam
from cfce.engines.task import Task
from cfce.engines.torch_adam import Adam, undecayed
from cfce.engines.torch_data import Columns
from cfce.engines.torch_graph import looked_up, train_rows


@dataclass(frozen=True, eq=False)
class DenseStep:
    """An optimiser of weights that share a learning rate and a decay, and where their gradients are."""

    adam: Adam
    trial: int
    """A trial whose learning rate it is."""
    places: tuple[tuple[int, int | None], ...]
    """The number of each weight among the trained ones, and its trial: None for those of all trials together."""


class BatchedNetworks:
    """S networks as one; ``CannotBatchError`` where the network cannot be mapped over a leading dimension."""

    def __init__(self, tasks: Sequence[Task], device: torch.device, first: Columns) -> None:
        networks = [build_network(task) for task in tasks]
        weights = at_once(networks, device)
        network = networks[0].to(device)
        self.n_parameters = sum(parameter.numel() for parameter in network.parameters())
        self._mapped = MappedNetwork(network, tasks[0].objective, tasks[0].fold.scale)

        trainable = [name for name, parameter in network.named_parameters() if parameter.requires_grad]
        names = with_gradient(self._mapped, weights, trainable, networks[-1], first)  # others are never stepped, as with fastai
        self._trained = {name: weights[name].requires_grad_() for name in names}
        self._rest = {name: tensor for name, tensor in weights.items() if name not in names}

        rates, momenta = zip(*[task.schedule() for task in tasks], strict=True)
        schedule = np.stack(rates), momenta[0]
        decay, exempt = tasks[0].options.weight_decay, undecayed(network)
        graph = recorded(self._mapped, self._trained, self._rest, first)
        self._tables: dict[str, RowAdam] = {}
        if first[0].is_cpu:
            for number in looked_up(graph, list(self._trained.values())):
                name = names[number]
                self._tables[name] = RowAdam(self._trained[name], *schedule, 0.0 if name in exempt else decay)
            train_rows(graph, {names.index(name): adam for name, adam in self._tables.items()})
        self._graph = graph.forward
        self._dense = self._dense_steps([task.options.learning_rate for task in tasks], decay, exempt)

        self._schedule = zip(schedule[0].T.tolist(), schedule[1].tolist(), strict=True)
        self._checks: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._new_epoch = True

    def step(self, batch: Columns) -> torch.Tensor:
        """One step of every network, each at its own rate."""
        rates, momentum = next(self._schedule)
        with torch.no_grad():
            losses, *found = self._graph(*self._trained.values(), *self._rest.values(), *batch)
            if self._new_epoch:
                self._new_epoch = False
                self._checks.append((losses, self._mapped.losses({**self._trained, **self._rest}, batch)))
            for dense in self._dense:
                gradients = [found[leaf] if part is None else found[leaf][part] for leaf, part in dense.places]
                dense.adam.step(gradients, rates[dense.trial], momentum)
            for table in self._tables.values():
                table.step()
        result: torch.Tensor = losses
        return result

    def losses(self, batch: Columns) -> torch.Tensor:
        """The mean losses of held-out ratings, (S,)."""
        with self._evaluating():
            losses = self._mapped.losses({**self._trained, **self._rest}, batch)
        self._mapped.network.train()
        return losses

    def outputs(self, batch: Columns) -> torch.Tensor:
        """The outputs for held-out ratings, (S, B) or (S, B, K)."""
        with self._evaluating():
            outputs = self._mapped.outputs({**self._trained, **self._rest}, batch)
        self._mapped.network.train()
        return outputs

    def end_epoch(self) -> None:
        """Compare what the graph and the module gave for the epoch's first batch."""
        self._new_epoch = True
        for by_graph, by_module in self._checks:
            if not close(by_graph, by_module):
                raise CannotBatchError("its forward pass does not compute the same at every call")
        self._checks.clear()

    def _evaluating(self) -> torch.no_grad:
        for table in self._tables.values():
            table.settle()
        self._mapped.network.eval()
        return torch.no_grad()

    def _dense_steps(self, rates: Sequence[float], weight_decay: float, exempt: Collection[str]) -> list[DenseStep]:
        """A step for what decays and one for what does not, a learning rate; tables step by themselves."""
        leaves = [leaf.detach() for leaf in self._trained.values()]
        found = []
        for rate in dict.fromkeys(rates):
            same = [trial for trial, one in enumerate(rates) if one == rate]
            parts: Sequence[int | None] = [None] if len(same) == len(rates) else same
            for decays in (True, False):
                places = tuple(
                    (number, part)
                    for part in parts
                    for number, name in enumerate(self._trained)
                    if name not in self._tables and (name not in exempt) is decays
                )
                if places:
                    weights = [leaves[number] if part is None else leaves[number][part] for number, part in places]
                    found.append(DenseStep(Adam(weights, weight_decay if decays else 0.0), same[0], places))
        return found
