"""Several trials in one pass: their parameters stacked in a leading dimension. Importing this file imports torch.

``torch.func`` maps the network and its loss over the trials (``vmap``); the mapped losses and their gradients are recorded
once as a graph of plain tensor operations, because mapping and differentiating anew at every step takes longer than the
arithmetic. Then what never changes is computed once, and what changes nothing is left out. On the CPU a table of which only
rows are looked up gets an optimiser of its own, whose other rows wait (``RowAdam``): a dense gradient of the whole table, new
at every step, would cost more than all the rest. A recorded graph is right only for a module that computes the same at every
call, so each epoch's first batch is also computed by the module itself, and the two must agree.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import nn
from torch.func import functional_call, vmap
from torch.fx.experimental.proxy_tensor import make_fx

from cfce.engines.network import build_network
from cfce.engines.row_adam import RowAdam
from cfce.engines.task import Task
from cfce.engines.torch_adam import Adam, undecayed
from cfce.engines.torch_data import Columns
from cfce.engines.torch_graph import looked_up, simplify, train_rows, writes_into_inputs
from cfce.errors import UserError

Tensors = dict[str, torch.Tensor]


class CannotBatchError(Exception):
    """Why a network has to train alone."""


class BatchedNetworks:
    """S networks as one; ``CannotBatchError`` where the network cannot be mapped over a leading dimension."""

    def __init__(self, tasks: Sequence[Task], device: torch.device, first: Columns) -> None:
        networks = [build_network(task) for task in tasks]
        base = networks[0]
        self._weight_decay = tasks[0].options.weight_decay
        self._objective, self._scale = tasks[0].objective, tasks[0].fold.scale
        self.n_parameters = sum(parameter.numel() for parameter in base.parameters())
        trained = [name for name, parameter in base.named_parameters() if parameter.requires_grad]
        stacked = _stack(networks, device)
        self._network = base.to(device)
        self._rest = {name: tensor for name, tensor in stacked.items() if name not in trained}
        self._trained = {name: stacked[name].requires_grad_() for name in trained}
        self._probe(first, networks)
        rates, momenta = zip(*[task.schedule() for task in tasks], strict=True)
        self._rates, self._momenta = np.stack(rates), momenta[0]
        self._tables: dict[str, RowAdam] = {}
        self._record(first)
        self._adams = self._optimisers(tasks)
        self._schedule = zip(self._rates.T.tolist(), self._momenta.tolist(), strict=True)
        self._checks: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._new_epoch = True

    def step(self, batch: Columns) -> torch.Tensor:
        """One step of every network, each at its own rate."""
        rates, momentum = next(self._schedule)
        with torch.no_grad():
            losses, *found = self._graph(*self._trained.values(), *self._rest.values(), *batch)
            if self._new_epoch:
                self._new_epoch = False
                self._checks.append((losses, self._map(self._loss, batch)))
            for adam, trial, places in self._adams:
                adam.step([found[leaf] if part is None else found[leaf][part] for leaf, part in places], rates[trial], momentum)
            for table in self._tables.values():
                table.step()
        result: torch.Tensor = losses
        return result

    def losses(self, batch: Columns) -> torch.Tensor:
        """The mean losses of held-out ratings, (S,)."""
        return self._evaluate(self._loss, batch)

    def outputs(self, batch: Columns) -> torch.Tensor:
        """The outputs for held-out ratings, (S, B) or (S, B, K)."""
        return self._evaluate(self._output, batch)

    def end_epoch(self) -> None:
        """Compare what the graph and the module gave for the epoch's first batch."""
        self._new_epoch = True
        for recorded, computed in self._checks:
            if not _close(recorded, computed):
                raise CannotBatchError("its forward pass does not compute the same at every call")
        self._checks.clear()

    def _output(self, tensors: Tensors, user: torch.Tensor, item: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        given = dict(tensors)
        output: torch.Tensor = functional_call(self._network, tensors, (user, item))
        for name, tensor in tensors.items():
            if tensor is not given[name]:
                raise CannotBatchError(f"it sets its buffer '{name.removeprefix('scorer.')}' anew as it computes")
        return output

    def _loss(self, tensors: Tensors, user: torch.Tensor, item: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        return self._objective.torch_loss(self._output(tensors, user, item, level), level, self._scale)

    def _map(self, function: Callable[..., torch.Tensor], batch: Columns) -> torch.Tensor:
        mapped: torch.Tensor = vmap(function)({**self._trained, **self._rest}, *batch)
        return mapped

    def _evaluate(self, function: Callable[..., torch.Tensor], batch: Columns) -> torch.Tensor:
        for table in self._tables.values():
            table.settle()
        self._network.eval()
        with torch.no_grad():
            mapped = self._map(function, batch)
        self._network.train()
        return mapped

    def _probe(self, first: Columns, networks: Sequence[nn.Module]) -> None:
        """One pass without a step: whether it can be mapped, what has a gradient, whether it changes buffers or attributes.

        The last network, run by itself, must give the same: a module that holds on to tensors beside its parameters
        (a bound method kept in an attribute, for example) would give the first network's.
        """
        before = {name: tensor.clone() for name, tensor in self._rest.items()}
        attributes = _plain_attributes(self._network)
        try:
            losses = self._map(self._loss, first)
            gradients = torch.autograd.grad(losses.sum(), list(self._trained.values()), allow_unused=True)
            last = dict(networks[-1].to(first[0].device).named_parameters())
            loss = self._objective.torch_loss(networks[-1](first[0][-1], first[1][-1]), first[2][-1], self._scale)
            own = torch.autograd.grad(loss, [last[name] for name in self._trained], allow_unused=True)
        except (torch.OutOfMemoryError, CannotBatchError, UserError):
            raise
        except Exception as error:
            raise CannotBatchError(_reason(error)) from error
        for name, tensor in self._rest.items():
            if not torch.equal(tensor, before[name]):
                raise CannotBatchError(f"it writes into its buffer '{name.removeprefix('scorer.')}' as it trains")
        for name, value in _plain_attributes(self._network).items():
            if value != attributes.get(name):
                raise CannotBatchError(f"it changes its attribute '{name.removeprefix('scorer.')}' as it trains")
        for name, gradient, reference in zip(list(self._trained), gradients, own, strict=True):
            if (gradient is None) is not (reference is None) or (
                gradient is not None and reference is not None and not _close(gradient[-1], reference.to_dense())
            ):
                raise CannotBatchError(f"the gradient of '{name.removeprefix('scorer.')}' is another in a batch than alone")
            if gradient is None:  # never stepped, as with fastai
                self._rest[name] = self._trained.pop(name).detach()

    def _record(self, first: Columns) -> None:
        names = [*self._trained, *self._rest]

        def losses_and_gradients(*arguments: torch.Tensor) -> list[torch.Tensor]:
            tensors = dict(zip(names, arguments, strict=False))
            trained = [tensors[name].requires_grad_() for name in self._trained]
            losses = vmap(self._loss)(tensors, *arguments[len(names) :])
            return [losses, *torch.autograd.grad(losses.sum(), trained)]

        inputs = [tensor.detach() for tensor in [*self._trained.values(), *self._rest.values()]]
        try:
            graph = make_fx(losses_and_gradients)(*inputs, *first)
        except torch.OutOfMemoryError:
            raise
        except Exception as error:
            raise CannotBatchError(_reason(error)) from error
        if writes_into_inputs(graph):
            raise CannotBatchError("it writes into a parameter as it trains")
        own = {_storage(tensor) for tensor in [*self._network.parameters(), *self._network.buffers()]}
        if any(_storage(getattr(graph, node.target)) in own for node in graph.graph.nodes if node.op == "get_attr"):
            raise CannotBatchError("it reads a parameter or a buffer that it holds in another place, too")
        simplify(graph)
        if first[0].is_cpu:
            names = list(self._trained)
            tables = {number: self._row_adam(names[number]) for number in looked_up(graph, list(self._trained.values()))}
            train_rows(graph, tables)
            self._tables = {names[number]: adam for number, adam in tables.items()}
        self._graph: Callable[..., list[torch.Tensor]] = graph.forward

    def _row_adam(self, name: str) -> RowAdam:
        decay = 0.0 if name in undecayed(self._network) else self._weight_decay
        return RowAdam(self._trained[name], self._rates, self._momenta, decay)

    def _optimisers(self, tasks: Sequence[Task]) -> list[tuple[Adam, int, list[tuple[int, int | None]]]]:
        """An optimiser for what decays and one for what does not, a learning rate; one of its trials; what it steps.

        That is numbers of parameters and the trial of each, or None for those of all trials together.
        """
        exempt = undecayed(self._network)
        trials: dict[float, list[int]] = {}
        for trial, task in enumerate(tasks):
            trials.setdefault(task.options.learning_rate, []).append(trial)
        leaves = [leaf.detach() for leaf in self._trained.values()]
        adams = []
        for same in trials.values():
            parts: Sequence[int | None] = [None] if len(same) == len(tasks) else same
            for decays in (True, False):
                places = [
                    (number, part)
                    for part in parts
                    for number, name in enumerate(self._trained)
                    if name not in self._tables and (name not in exempt) is decays
                ]
                weights = [leaves[number] if part is None else leaves[number][part] for number, part in places]
                if weights:
                    adams.append((Adam(weights, self._weight_decay if decays else 0.0), same[0], places))
        return adams


def _stack(networks: Sequence[nn.Module], device: torch.device) -> Tensors:
    named = [{**dict(network.named_parameters()), **dict(network.named_buffers())} for network in networks]
    if any({n: t.shape for n, t in one.items()} != {n: t.shape for n, t in named[0].items()} for one in named[1:]):
        raise CannotBatchError("its parameters have other shapes under another seed")
    return {name: torch.stack([one[name].detach() for one in named]).to(device) for name in named[0]}


def _plain_attributes(network: nn.Module) -> dict[str, bool | int | float | str]:
    """The attributes of a module and its parts that are single values, in which it might keep count."""
    return {
        f"{path}.{name}" if path else name: value
        for path, module in network.named_modules()
        for name, value in vars(module).items()
        if isinstance(value, bool | int | float | str)
    }


def _storage(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _close(one: torch.Tensor, other: torch.Tensor) -> bool:
    return torch.allclose(one, other, rtol=1e-3, atol=1e-5, equal_nan=True)


def _reason(error: Exception) -> str:
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if "randomness" in text:
        return "it draws random numbers as it trains (dropout, for example)"
    return f"torch cannot map it over a leading dimension ({text.rstrip('.')[:200]})"
