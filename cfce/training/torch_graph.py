"""What is done to a recorded forward pass before it is run thousands of times. Importing this file imports torch."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import fx, nn

aten = torch.ops.aten

_FOLDABLE = {
    aten.arange.default,
    aten.arange.start,
    aten.arange.start_step,
    aten.scalar_tensor.default,
    aten.view.default,
    aten.unsqueeze.default,
    aten.lift_fresh_copy.default,
    aten._to_copy.default,
}
"""Operations that always give the same for the same input and never write into it."""

_RESHAPES = {aten.view.default, aten.permute.default}


def fold_constants(graph: fx.GraphModule) -> None:
    """Compute once what depends on no input: row numbers, the values of the scale. Left alone if anything writes in place."""
    nodes = list(graph.graph.nodes)
    if any(_writes(node) for node in nodes):
        return
    constants: dict[fx.Node, torch.Tensor] = {}
    for node in nodes:
        if node.op == "get_attr":
            constants[node] = getattr(graph, node.target)
        elif node.op == "call_function" and node.target in _FOLDABLE and all(one in constants for one in node.all_input_nodes):
            arguments = fx.map_arg((node.args, node.kwargs), constants.__getitem__)
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


class Lookup(nn.Module):
    """Rows of a stacked table, (S, rows, width), by their numbers in the table laid flat; the gradient goes into ``.grad``.

    ``zero_touched`` puts the rows that the last backward passes have touched back to 0.
    """

    def __init__(self, table: torch.Tensor) -> None:
        super().__init__()
        assert table.grad is not None
        self._gradient = table.grad.view(-1, table.shape[-1])
        self._touched: list[torch.Tensor] = []

    def forward(self, table: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """(S, rows, width) and numbers of any shape (...) to (..., width)."""
        found: torch.Tensor = _Rows.apply(table, rows.reshape(-1), self._gradient, self._touched)  # type: ignore[no-untyped-call]
        return found.view(*rows.shape, table.shape[-1])

    def zero_touched(self) -> None:
        """Zero the gradient of the touched rows."""
        for rows in self._touched:
            self._gradient.index_fill_(0, rows, 0.0)
        self._touched.clear()


class _Rows(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, table: torch.Tensor, rows: torch.Tensor, gradient: torch.Tensor, touched: list[torch.Tensor]
    ) -> torch.Tensor:
        ctx.rows, ctx.gradient, ctx.touched = rows, gradient, touched
        return table.view(-1, table.shape[-1]).index_select(0, rows)

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> tuple[None, None, None, None]:
        if ctx.gradient.is_cuda:  # sorted, and so the same at every run; index_add_ adds in any order there
            ctx.gradient.index_put_((ctx.rows,), upstream[0], accumulate=True)
        else:
            ctx.gradient.index_add_(0, ctx.rows, upstream[0])
        ctx.touched.append(ctx.rows)
        return None, None, None, None


def replace_lookups(graph: fx.GraphModule, tables: Sequence[torch.Tensor]) -> tuple[list[Lookup], set[int]]:
    """Put a ``Lookup`` for each embedding lookup in one of ``tables``, which are the graph's first inputs.

    Gives the lookups, and the numbers of the tables whose gradients come from lookups alone.
    """
    inputs = [node for node in graph.graph.nodes if node.op == "placeholder"][: len(tables)]
    lookups: list[Lookup] = []
    for node in list(graph.graph.nodes):
        number = _looked_up(node, inputs, tables)
        if number is None:
            continue
        lookup = Lookup(tables[number])
        name = f"lookup_{len(lookups)}"
        graph.add_submodule(name, lookup)
        with graph.graph.inserting_before(node):
            node.replace_all_uses_with(graph.graph.call_module(name, (inputs[number], node.args[1])))
        lookups.append(lookup)
    graph.graph.eliminate_dead_code()
    graph.recompile()
    by_rows = {i for i, node in enumerate(inputs) if node.users and all(user.op == "call_module" for user in node.users)}
    return lookups, by_rows


def _looked_up(node: fx.Node, inputs: Sequence[fx.Node], tables: Sequence[torch.Tensor]) -> int | None:
    if node.op != "call_function" or node.target is not aten.embedding.default:
        return None
    options = [*node.args[2:], *[-1, False, False][len(node.args) - 2 :]]
    if options != [-1, False, False] or node.kwargs:
        return None  # padding, scaled by frequency, or sparse
    table: Any = node.args[0]
    arrangement: Any
    width = table.meta["val"].shape[-1]
    while isinstance(table, fx.Node) and table.target in _RESHAPES:
        source, arrangement = table.args[:2]
        if table.target is aten.permute.default and list(arrangement) != sorted(arrangement):
            return None  # a table with its dimensions swapped
        table = source
    if table not in inputs:
        return None
    number = inputs.index(table)
    return number if tables[number].dim() == 3 and tables[number].shape[-1] == width else None


def _writes(node: fx.Node) -> bool:
    schema = getattr(node.target, "_schema", None)
    return bool(schema is not None and schema.is_mutable)
