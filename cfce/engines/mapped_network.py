"""A network mapped over the weights of S trials, probed and recorded as a graph. Importing this file imports torch.

``torch.func`` maps the network and its loss over a leading dimension (``vmap``); the mapped losses and their gradients are
recorded once as a graph of plain tensor operations, because mapping and differentiating anew at every step takes longer than
the arithmetic. Then what never changes is computed once, and what changes nothing is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import fx, nn
from torch.func import functional_call, vmap
from torch.fx.experimental.proxy_tensor import make_fx

from cfce.engines.torch_data import Columns
from cfce.engines.torch_graph import simplify, writes_into_inputs
from cfce.errors import UserError
from cfce.objectives import Objective
from cfce.scale import RatingScale

Tensors = dict[str, torch.Tensor]


class CannotBatchError(Exception):
    """Why a network has to train alone."""


@dataclass(frozen=True, eq=False)
class MappedNetwork:
    """A network whose weights are given at each call, (S, ...) each: of S trials at once."""

    network: nn.Module
    objective: Objective
    scale: RatingScale

    def outputs(self, weights: Tensors, batch: Columns) -> torch.Tensor:
        """The outputs of a batch of shape (S, B): (S, B) or (S, B, K)."""
        mapped: torch.Tensor = vmap(self._output)(weights, *batch)
        return mapped

    def losses(self, weights: Tensors, batch: Columns) -> torch.Tensor:
        """The mean losses of a batch of shape (S, B), (S,)."""
        mapped: torch.Tensor = vmap(self._loss)(weights, *batch)
        return mapped

    def _output(self, weights: Tensors, user: torch.Tensor, item: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        given = dict(weights)
        output: torch.Tensor = functional_call(self.network, weights, (user, item))
        for name, tensor in weights.items():
            if tensor is not given[name]:
                raise CannotBatchError(f"it sets its buffer '{name.removeprefix('scorer.')}' anew as it computes")
        return output

    def _loss(self, weights: Tensors, user: torch.Tensor, item: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        return self.objective.torch_loss(self._output(weights, user, item, level), level, self.scale)


def with_gradient(
    mapped: MappedNetwork, weights: Tensors, trainable: Sequence[str], last: nn.Module, first: Columns
) -> list[str]:
    """The trainable weights that the loss of a batch depends on, found by one pass without a step.

    Raises ``CannotBatchError`` where the network cannot be mapped, or changes buffers or attributes. ``last``, the network of
    the last trial, run by itself, must give the same gradient: a module that holds on to tensors beside its parameters (a bound
    method kept in an attribute, for example) would give the first network's.
    """
    rest = {name: tensor for name, tensor in weights.items() if name not in trainable}
    before = {name: tensor.clone() for name, tensor in rest.items()}
    attributes = _plain_attributes(mapped.network)
    leaves = {name: weights[name].detach().requires_grad_() for name in trainable}
    try:
        losses = mapped.losses({**leaves, **rest}, first)
        gradients = torch.autograd.grad(losses.sum(), list(leaves.values()), allow_unused=True)
        alone = dict(last.to(first[0].device).named_parameters())
        loss = mapped.objective.torch_loss(last(first[0][-1], first[1][-1]), first[2][-1], mapped.scale)
        references = torch.autograd.grad(loss, [alone[name] for name in trainable], allow_unused=True)
    except (torch.OutOfMemoryError, CannotBatchError, UserError):
        raise
    except Exception as error:
        raise CannotBatchError(_reason(error)) from error
    for name, tensor in rest.items():
        if not torch.equal(tensor, before[name]):
            raise CannotBatchError(f"it writes into its buffer '{name.removeprefix('scorer.')}' as it trains")
    for name, value in _plain_attributes(mapped.network).items():
        if value != attributes.get(name):
            raise CannotBatchError(f"it changes its attribute '{name.removeprefix('scorer.')}' as it trains")
    for name, gradient, reference in zip(trainable, gradients, references, strict=True):
        if (gradient is None) is not (reference is None) or (
            gradient is not None and reference is not None and not close(gradient[-1], reference.to_dense())
        ):
            raise CannotBatchError(f"the gradient of '{name.removeprefix('scorer.')}' is another in a batch than alone")
    return [name for name, gradient in zip(trainable, gradients, strict=True) if gradient is not None]


def recorded(mapped: MappedNetwork, trained: Tensors, rest: Tensors, first: Columns) -> fx.GraphModule:
    """The graph of (trained weights, the rest, batch) to the losses (S,) and the gradient of each trained weight.

    Raises ``CannotBatchError`` for a module that cannot be recorded.
    """
    names = [*trained, *rest]

    def losses_and_gradients(*arguments: torch.Tensor) -> list[torch.Tensor]:
        weights = dict(zip(names, arguments, strict=False))
        leaves = [weights[name].requires_grad_() for name in trained]
        user, item, level = arguments[len(names) :]
        losses = mapped.losses(weights, (user, item, level))
        return [losses, *torch.autograd.grad(losses.sum(), leaves)]

    inputs = [tensor.detach() for tensor in [*trained.values(), *rest.values()]]
    try:
        graph = make_fx(losses_and_gradients)(*inputs, *first)
    except torch.OutOfMemoryError:
        raise
    except Exception as error:
        raise CannotBatchError(_reason(error)) from error
    if writes_into_inputs(graph):
        raise CannotBatchError("it writes into a parameter as it trains")
    held = {_storage(tensor) for tensor in [*mapped.network.parameters(), *mapped.network.buffers()]}
    if any(_storage(getattr(graph, node.target)) in held for node in graph.graph.nodes if node.op == "get_attr"):
        raise CannotBatchError("it reads a parameter or a buffer that it holds in another place, too")
    simplify(graph)
    return graph


def at_once(networks: Sequence[nn.Module], device: torch.device) -> Tensors:
    """The parameters and buffers of S networks by name, (S, ...) each."""
    named: list[Tensors] = [{**dict(one.named_parameters()), **dict(one.named_buffers())} for one in networks]
    if any({n: t.shape for n, t in one.items()} != {n: t.shape for n, t in named[0].items()} for one in named[1:]):
        raise CannotBatchError("its parameters have other shapes under another seed")
    return {name: torch.stack([one[name].detach() for one in named]).to(device) for name in named[0]}


def close(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two computations of the same numbers agree as far as float32 lets them."""
    return torch.allclose(one, other, rtol=1e-3, atol=1e-5, equal_nan=True)


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


def _reason(error: Exception) -> str:
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if "randomness" in text:
        return "it draws random numbers as it trains (dropout, for example)"
    return f"torch cannot map it over a leading dimension ({text.rstrip('.')[:200]})"
