"""Several trials in one pass: their parameters stacked in a leading dimension. Importing this file imports torch.

``torch.func`` maps the network and its loss over the stack (``vmap``); the mapped forward pass is recorded once as a graph
of plain tensor operations, because mapping anew at every step takes longer than the arithmetic. Two things are then done
to the graph. Row numbers that never change are computed once. A lookup of embedding rows adds its gradient into one
lasting buffer, of which only the touched rows are zeroed after the step; a dense gradient of the whole table, new at every
step, costs more than Adam. A recorded graph is right only for a module that computes the same at every call, so each
epoch's first batch is also computed by the module itself, and the two must agree.
"""

from collections.abc import Callable, Sequence

import torch
from torch import nn
from torch.func import functional_call, vmap
from torch.fx.experimental.proxy_tensor import make_fx

from cfce.training.network import build_network
from cfce.training.task import Task
from cfce.training.torch_adam import Adam, undecayed
from cfce.training.torch_data import Columns
from cfce.training.torch_graph import fold_constants, replace_lookups

Tensors = dict[str, torch.Tensor]


class CannotStackError(Exception):
    """Why a network has to train alone."""


class Stacked:
    """S networks as one; ``CannotStackError`` where the network cannot be mapped over a leading dimension."""

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
        self._record(first)
        self._adams = self._optimisers(tasks)
        self._checks: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._new_epoch = True

    def step(self, batch: Columns, rates: Sequence[float], momentum: float) -> torch.Tensor:
        """One step of every network, each at its own rate."""
        losses: torch.Tensor = self._graph(*self._trained.values(), *self._rest.values(), *batch)
        if self._new_epoch:
            self._new_epoch = False
            with torch.no_grad():
                self._checks.append((losses.detach(), self._map(self._loss, batch)))
        torch.autograd.backward([losses], [self._ones])
        for trial, gradients, adam in self._adams:
            adam.step(gradients, rates[trial], momentum)
        for lookup in self._lookups:
            lookup.zero_touched()
        for gradient in self._dense:
            gradient.zero_()
        return losses.detach()

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
                raise CannotStackError("its forward pass does not compute the same at every call")
        self._checks.clear()

    def _output(self, tensors: Tensors, user: torch.Tensor, item: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = functional_call(self._network, tensors, (user, item))
        return output

    def _loss(self, tensors: Tensors, user: torch.Tensor, item: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        return self._objective.torch_loss(self._output(tensors, user, item, level), level, self._scale)

    def _map(self, function: Callable[..., torch.Tensor], batch: Columns) -> torch.Tensor:
        mapped: torch.Tensor = vmap(function)({**self._trained, **self._rest}, *batch)
        return mapped

    def _evaluate(self, function: Callable[..., torch.Tensor], batch: Columns) -> torch.Tensor:
        self._network.eval()
        with torch.no_grad():
            mapped = self._map(function, batch)
        self._network.train()
        return mapped

    def _probe(self, first: Columns, networks: Sequence[nn.Module]) -> None:
        """One pass without a step: tell whether it can be mapped, what has a gradient, and whether buffers are written.

        The last network, run by itself, must give the same: a module that holds on to tensors beside its parameters
        (a bound method kept in an attribute, for example) would give the first network's.
        """
        before = {name: tensor.clone() for name, tensor in self._rest.items()}
        try:
            losses = self._map(self._loss, first)
            gradients = torch.autograd.grad(losses.sum(), list(self._trained.values()), allow_unused=True)
            last = dict(networks[-1].to(first[0].device).named_parameters())
            loss = self._objective.torch_loss(networks[-1](first[0][-1], first[1][-1]), first[2][-1], self._scale)
            own = torch.autograd.grad(loss, [last[name] for name in self._trained], allow_unused=True)
        except torch.OutOfMemoryError:
            raise
        except Exception as error:
            raise CannotStackError(_reason(error)) from error
        changed = [name for name, tensor in self._rest.items() if not torch.equal(tensor, before[name])]
        if changed:
            raise CannotStackError(f"it writes into its buffer '{changed[0].removeprefix('scorer.')}' as it trains")
        for name, gradient, reference in zip(list(self._trained), gradients, own, strict=True):
            if (gradient is None) is not (reference is None) or (
                gradient is not None and reference is not None and not _close(gradient[-1], reference.to_dense())
            ):
                raise CannotStackError(f"the gradient of '{name.removeprefix('scorer.')}' is another in a stack than alone")
            if gradient is None:  # never stepped, as with fastai
                self._rest[name] = self._trained.pop(name).detach()

    def _record(self, first: Columns) -> None:
        names = [*self._trained, *self._rest]

        def forward(*arguments: torch.Tensor) -> torch.Tensor:
            tensors = dict(zip(names, arguments, strict=False))
            mapped: torch.Tensor = vmap(self._loss)(tensors, *arguments[len(names) :])
            return mapped

        inputs = [tensor.detach() for tensor in [*self._trained.values(), *self._rest.values()]]
        try:
            graph = make_fx(forward)(*inputs, *first)
        except torch.OutOfMemoryError:
            raise
        except Exception as error:
            raise CannotStackError(_reason(error)) from error
        fold_constants(graph)
        for tensor in self._trained.values():
            tensor.grad = torch.zeros_like(tensor)
        self._lookups, by_rows = replace_lookups(graph, list(self._trained.values()))
        self._dense = [_gradient(tensor) for i, tensor in enumerate(self._trained.values()) if i not in by_rows]
        self._ones = torch.ones(len(first[0]), device=first[0].device)
        self._graph: Callable[..., torch.Tensor] = graph.forward

    def _optimisers(self, tasks: Sequence[Task]) -> list[tuple[int, list[torch.Tensor], Adam]]:
        """An optimiser for what decays and one for what does not, a learning rate: (one of its trials, gradients, optimiser)."""
        exempt = undecayed(self._network)
        trials: dict[float, list[int]] = {}
        for trial, task in enumerate(tasks):
            trials.setdefault(task.options.learning_rate, []).append(trial)
        adams = []
        for same in trials.values():
            for decays in (True, False):
                leaves = [tensor for name, tensor in self._trained.items() if (name not in exempt) is decays]
                views = [(leaf.detach()[trial], _gradient(leaf)[trial]) for trial in same for leaf in leaves]
                if views:
                    adam = Adam([weight for weight, _ in views], self._weight_decay if decays else 0.0)
                    adams.append((same[0], [gradient for _, gradient in views], adam))
        return adams


def _stack(networks: Sequence[nn.Module], device: torch.device) -> Tensors:
    named = [{**dict(network.named_parameters()), **dict(network.named_buffers())} for network in networks]
    if any({n: t.shape for n, t in one.items()} != {n: t.shape for n, t in named[0].items()} for one in named[1:]):
        raise CannotStackError("its parameters have other shapes under another seed")
    return {name: torch.stack([one[name].detach() for one in named]).to(device) for name in named[0]}


def _gradient(leaf: torch.Tensor) -> torch.Tensor:
    assert leaf.grad is not None
    return leaf.grad


def _close(one: torch.Tensor, other: torch.Tensor) -> bool:
    return torch.allclose(one, other, rtol=1e-3, atol=1e-5, equal_nan=True)


def _reason(error: Exception) -> str:
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if "randomness" in text:
        return "it draws random numbers as it trains (dropout, for example)"
    return f"torch cannot map it over a leading dimension ({text.rstrip('.')[:200]})"
