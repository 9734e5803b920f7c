"""What is done to a recorded training step before it is run thousands of times. Importing this file imports torch."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import fx, nn

from cfce.engines.row_adam import RowAdam

aten = torch.ops.aten

_FOLDABLE = {
    aten.arange.default,
    aten.arange.start,
    aten.arange.start_step,
    aten.scalar_tensor.default,
    aten.view.default,
    aten.expand.default,
    aten.unsqueeze.default,
    aten.neg.default,
    aten.div.Scalar,
    aten.lift_fresh_copy.default,
    aten._to_copy.default,
}
"""Operations that always give the same for the same input and never write into it."""
_FILLED = {aten.ones_like.default, aten.zeros_like.default, aten.new_zeros.default}
"""Operations whose value depends on a shape alone."""
_SAME = {aten.view.default, aten._unsafe_view.default, aten.expand.default, aten.permute.default, aten.detach.default}
"""Operations that give what they take, where the shape stays and no dimension is moved."""
_NEUTRAL: dict[Any, float] = {aten.mul.Tensor: 1, aten.mul.Scalar: 1, aten.add.Tensor: 0, aten.add.Scalar: 0}
"""Operations with the second argument for which they give the first."""


def writes_into_inputs(graph: fx.GraphModule) -> bool:
    """Whether a step writes into a parameter, a buffer or a batch, or into a view of one."""
    aliases = set(_inputs(graph))
    for node in graph.graph.nodes:
        if node.op == "call_function" and node.args and node.args[0] in aliases:
            if _writes(node):
                return True
            schema = getattr(node.target, "_schema", None)
            if schema is not None and any(given.alias_info for given in schema.returns):
                aliases.add(node)
    return False


def simplify(graph: fx.GraphModule) -> None:
    """Compute constants once and take out what changes nothing. Left alone if anything writes in place."""
    if not any(_writes(node) for node in graph.graph.nodes):
        _fold_constants(graph)
        _drop_idle(graph)


def _fold_constants(graph: fx.GraphModule) -> None:
    """Compute once what depends on no input: row numbers, the values of the scale."""
    constants: dict[fx.Node, torch.Tensor] = {}
    for node in list(graph.graph.nodes):
        if node.op == "get_attr":
            constants[node] = getattr(graph, node.target)
        elif node.op == "call_function" and (
            node.target in _FILLED or (node.target in _FOLDABLE and all(one in constants for one in node.all_input_nodes))
        ):
            arguments = fx.map_arg((node.args, node.kwargs), lambda one: constants[one] if one in constants else _like(one))
            constants[node] = node.target(*arguments[0], **arguments[1]).contiguous()
    for number, (node, value) in enumerate(constants.items()):
        if node.op == "get_attr" or all(user in constants for user in node.users):
            continue
        name = f"constant_{number}"
        graph.register_buffer(name, value)
        with graph.graph.inserting_before(node):
            node.replace_all_uses_with(graph.graph.get_attr(name))
    graph.graph.eliminate_dead_code()
    graph.recompile()


def _drop_idle(graph: fx.GraphModule) -> None:
    """Take out what changes nothing: views and expansions to the shape that is there, times 1, plus 0."""
    for node in list(graph.graph.nodes):
        if node.op == "call_function" and node.args and isinstance(node.args[0], fx.Node) and _is_idle(node, node.args[0]):
            node.replace_all_uses_with(node.args[0])
    graph.graph.eliminate_dead_code()
    graph.recompile()


class Lookup(nn.Module):
    """Rows of a batched table, (S, rows, width), by their numbers in the table laid flat; its optimiser is told before."""

    def __init__(self, adam: RowAdam) -> None:
        super().__init__()
        self._adam = adam

    def forward(self, table: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """(S, rows, width) and numbers of any shape (...) to (..., width)."""
        flat = rows.reshape(-1).long()
        self._adam.meet(flat)
        return table.view(-1, table.shape[-1]).index_select(0, flat).view(*rows.shape, table.shape[-1])


class LookupGradient(nn.Module):
    """Takes the gradient of looked up rows, (..., width), to the optimiser of the table."""

    def __init__(self, adam: RowAdam) -> None:
        super().__init__()
        self._adam = adam

    def forward(self, gradient: torch.Tensor, rows: torch.Tensor) -> None:
        """The gradient of rows by their numbers in the table laid flat."""
        self._adam.add(rows.reshape(-1).long(), gradient)


def looked_up(graph: fx.GraphModule, tables: Sequence[torch.Tensor]) -> set[int]:
    """The numbers of those of ``tables``, the graph's first inputs, that are read, and have gradients, by lookups of rows alone.

    The graph gives the losses and then the gradients, in the order of ``tables``.
    """
    inputs, gradients = _inputs(graph), _outputs(graph)[1:]
    found = set()
    for number, table in enumerate(tables):
        lookups, others = _lookups(inputs[number])
        leaves = list(_leaves(gradients[number]))
        plain = all(_is_plain(node.args[3:], -1, False) for node in leaves if _is(node, aten.embedding_dense_backward.default))
        plain &= all(_is_plain(node.args[2:], -1, False, False) for node in lookups)
        by_rows = all(_is(node, aten.embedding_dense_backward.default) for node in leaves)
        widths = {tuple(node.args[0].meta["val"].shape[1:]) for node in lookups if isinstance(node.args[0], fx.Node)}
        fits = table.dim() == 3 and table.dtype == torch.float32
        if fits and lookups and not others and by_rows and plain and widths == {(table.shape[-1],)}:
            found.add(number)
    return found


def train_rows(graph: fx.GraphModule, adams: dict[int, RowAdam]) -> None:
    """Let the tables of those numbers be read, and their gradients be taken, by their optimisers; the gradients become None."""
    inputs, outputs = _inputs(graph), _outputs(graph)
    for number, adam in adams.items():
        graph.add_submodule(f"lookup_{number}", Lookup(adam))
        graph.add_submodule(f"gradient_{number}", LookupGradient(adam))
        for node in _lookups(inputs[number])[0]:
            with graph.graph.inserting_before(node):
                node.replace_all_uses_with(graph.graph.call_module(f"lookup_{number}", (inputs[number], node.args[1])))
        for leaf in _leaves(outputs[1 + number]):
            with graph.graph.inserting_before(leaf):
                outputs.append(graph.graph.call_module(f"gradient_{number}", leaf.args[:2]))  # given, so that it is kept
        outputs[1 + number] = None
    (output,) = (node for node in graph.graph.nodes if node.op == "output")
    output.args = (outputs,)
    graph.graph.eliminate_dead_code()
    graph.recompile()


def _inputs(graph: fx.GraphModule) -> list[fx.Node]:
    return [node for node in graph.graph.nodes if node.op == "placeholder"]


def _outputs(graph: fx.GraphModule) -> list[Any]:
    (output,) = (node for node in graph.graph.nodes if node.op == "output")
    return list(output.args[0])


def _lookups(table: fx.Node) -> tuple[list[fx.Node], list[fx.Node]]:
    """The lookups in a table, or in a view of it that keeps its order, and what else it is used for."""
    lookups, others = [], []
    for user in table.users:
        if _is(user, aten.embedding.default) and user.args[0] is table:
            lookups.append(user)
        elif _is(user, aten.view.default):
            further, rest = _lookups(user)
            lookups += further
            others += rest
        else:
            others.append(user)
    return lookups, others


def _leaves(gradient: fx.Node) -> Iterator[fx.Node]:
    """What a gradient is the sum of, through views that keep the order."""
    if _is(gradient, aten.view.default):
        yield from _leaves(gradient.args[0])  # type: ignore[arg-type]
    elif _is(gradient, aten.add.Tensor) and len(gradient.args) == 2 and not gradient.kwargs:
        for one in gradient.args:
            yield from _leaves(one)  # type: ignore[arg-type]
    else:
        yield gradient


def _is(node: Any, target: Any) -> bool:
    return isinstance(node, fx.Node) and node.op == "call_function" and node.target is target


def _is_plain(options: Sequence[Any], *defaults: Any) -> bool:
    """Whether the last arguments of a lookup are its defaults: neither padding, nor scaled by frequency, nor sparse."""
    return [*options, *defaults[len(options) :]] == list(defaults)


def _is_idle(node: fx.Node, source: fx.Node) -> bool:
    given, made = source.meta.get("val"), node.meta.get("val")
    if not isinstance(given, torch.Tensor) or not isinstance(made, torch.Tensor):
        return False
    if given.shape != made.shape or given.dtype != made.dtype:
        return False
    if _is(node, aten.permute.default):
        return [one % given.dim() for one in node.args[1]] == list(range(given.dim()))  # type: ignore[union-attr, operator]
    return node.target in _SAME or (node.target in _NEUTRAL and node.args[1:] == (_NEUTRAL[node.target],) and not node.kwargs)


def _like(node: fx.Node) -> torch.Tensor:
    value = node.meta["val"]
    return torch.empty(value.shape, dtype=value.dtype, device=value.device)


def _writes(node: fx.Node) -> bool:
    schema = getattr(node.target, "_schema", None)
    return bool(schema is not None and schema.is_mutable)
