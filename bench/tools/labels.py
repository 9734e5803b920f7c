"""What the boxes of a diagram say: an operation of a traced module in words and signs that need no knowledge of its code."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import fx, nn

SYMBOLS = {"add": "+", "iadd": "+", "mul": "×", "sub": "-", "truediv": "÷"}
WORDS = {"cat": "joined", "cumsum": "running sum", "matmul": "matrix product with"}
LOOKUPS = ("embedding", "getitem")
RESHAPES = ("squeeze", "unsqueeze", "view", "reshape", "flatten")


def changes_nothing(node: "fx.Node", modules: dict[str, Any]) -> bool:
    """Whether a node only reshapes, adds 0 or no column, or is an identity: a reader need not see it."""
    if node.op == "call_module":
        return type(modules[str(node.target)]).__name__ == "Identity"
    name = _name(node)
    return name in RESHAPES or (name == "add" and 0 in node.args) or (name == "pad" and not any(_padding(node)))


def label(node: "fx.Node", modules: dict[str, Any], held: list[str]) -> str:
    """What a node does: a layer with its sizes, an operation with its numbers and the tables that it reads (``held``)."""
    if node.op == "call_module":
        return of_module(str(node.target), modules[str(node.target)])
    name = _name(node)
    if name == "getitem" and (columns := _columns(node.args[1])):
        return " of ".join([columns, *held])
    if name in LOOKUPS:
        return f"row of {', '.join(held)}" if held else "row"
    if name == "clamp":
        low, high = (node.kwargs.get(key, node.args[at] if len(node.args) > at else None) for at, key in ((1, "min"), (2, "max")))
        return f"limited to [{_bound(low, '-∞')}, {_bound(high, '∞')}]"
    if name == "pad":
        return f"{sum(_padding(node))} zeros appended" if sum(_padding(node)) > 1 else "a zero appended"
    numbers = [f"{one:g}" for one in node.args if isinstance(one, int | float) and node.op == "call_function"]
    return " ".join([SYMBOLS.get(name, WORDS.get(name, name)), *numbers, *held])


def of_module(name: str, module: "nn.Module") -> str:
    """A module in words: a table of vectors, a linear layer, or how PyTorch writes it."""
    kind = type(module).__name__
    if kind == "Embedding":
        return f"row of {name} {module.num_embeddings} × {module.embedding_dim}"
    if kind == "Linear":
        return f"linear layer {module.in_features} to {module.out_features}{'' if module.bias is not None else ' without bias'}"
    return f"{name}: {module}" if str(module) != f"{kind}()" else kind


def _name(node: "fx.Node") -> str:
    found = node.target if isinstance(node.target, str) else getattr(node.target, "__name__", str(node.target))
    return "add" if found == "iadd" else found


def _columns(index: Any) -> str:
    """Which columns an index takes, such as ``[:, 1:]``; empty for one that takes rows or single numbers."""
    if not (isinstance(index, tuple) and len(index) == 2 and index[0] == slice(None) and isinstance(index[1], slice)):
        return ""
    first, end = index[1].start or 0, index[1].stop
    if end is None:
        return "all columns" if first == 0 else "all columns but the first" + (f" {first}" if first != 1 else "")
    return "first column" if (first, end) == (0, 1) else f"columns {first + 1} to {end}"


def _padding(node: "fx.Node") -> tuple[int, ...]:
    found = node.args[1] if len(node.args) > 1 else node.kwargs.get("pad", ())
    return tuple(one for one in found if isinstance(one, int)) if isinstance(found, tuple | list) else ()


def _bound(value: Any, infinite: str) -> str:
    return f"{value:g}" if isinstance(value, int | float) else infinite
