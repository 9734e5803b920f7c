"""A variant's modules as a Mermaid diagram, drawn from the module itself."""

from typing import TYPE_CHECKING, Any

from bench.registry import Variant
from cfce.models.sizes import Sizes
from cfce.objectives import objective_named

if TYPE_CHECKING:
    from torch import fx, nn


def mermaid(variant: Variant, sizes: Sizes) -> str:
    """A flow chart from user and item to the loss: what the scorer and the objective's head compute, in order.

    Arithmetic shows where ``torch.fx`` can trace the module; a module that it cannot trace shows as its parts in a row.
    A baseline has no module and gives one box.
    """
    if variant.scorer is None:
        return f'flowchart TD\n  ratings["ratings of train"] --> fitted["{_text(variant.description)}"]'
    objective = objective_named(variant.objective)
    lines = ["flowchart TD", '  user(["user (B)"])', '  item(["item (B)"])']
    score = _draw(variant.scorer(sizes), "s", ["user", "item"], lines)
    output = _draw(objective.torch_head(sizes.scale), "h", [score], lines)
    forecast = "points (B)" if objective.family == "regression" else f"logits (B, {sizes.scale.n_levels})"
    lines.append(f'  {output} --> out(["{forecast}"])')
    lines.append(f'  out --> loss{{{{"loss: {_text(objective.name)}"}}}}')
    return "\n".join(lines)


def _draw(module: "nn.Module", prefix: str, inputs: list[str], lines: list[str]) -> str:
    """Append the nodes and arrows of one module; the name of the node that gives its output."""
    from torch import fx

    try:
        graph = fx.Tracer().trace(module)
    except Exception:  # control flow that depends on data, or anything else that fx cannot follow
        return _draw_parts(module, prefix, inputs, lines)
    modules = dict(module.named_modules())
    names: dict[str, str] = {}
    waiting = list(inputs)
    output = inputs[-1]
    for node in graph.nodes:
        if node.op == "placeholder":
            if waiting:
                names[node.name] = waiting.pop(0)
        elif node.op == "output":
            sources = [names[one.name] for one in node.all_input_nodes if one.name in names]
            output = sources[-1] if sources else output
        else:
            sources = [names[one.name] for one in node.all_input_nodes if one.name in names]
            shape_only = node.op == "call_method" and str(node.target) in ("squeeze", "unsqueeze", "view", "reshape", "flatten")
            if shape_only and sources:
                names[node.name] = sources[0]
                continue
            names[node.name] = f"{prefix}_{node.name}"
            lines.append(f'  {names[node.name]}["{_text(_label(node, modules))}"]')
            lines += [f"  {source} --> {names[node.name]}" for source in dict.fromkeys(sources)]
    return output


def _draw_parts(module: "nn.Module", prefix: str, inputs: list[str], lines: list[str]) -> str:
    parts = [(name, part) for name, part in module.named_modules() if not list(part.children())] or [("module", module)]
    before = inputs
    for number, (name, part) in enumerate(parts):
        node = f"{prefix}_{number}"
        lines.append(f'  {node}["{_text(f"{name}: {part}")}"]')
        lines += [f"  {source} --> {node}" for source in before]
        before = [node]
    return before[0]


def _label(node: "fx.Node", modules: dict[str, Any]) -> str:
    """What a node does: a module with its sizes, a parameter with its shape, or the name of an operation."""
    if node.op == "call_module":
        return f"{node.target}: {modules[str(node.target)]}"
    if node.op == "get_attr":
        owner, _, name = str(node.target).rpartition(".")
        value = getattr(modules[owner], name)
        return f"{node.target} {tuple(value.shape)}" if hasattr(value, "shape") else str(node.target)
    name = node.target if isinstance(node.target, str) else getattr(node.target, "__name__", str(node.target))
    numbers = [f"{one:g}" for one in node.args if isinstance(one, int | float) and node.op == "call_function"]
    return f"{SYMBOLS.get(name, name)} {' '.join(numbers)}".strip()


SYMBOLS = {"add": "+", "iadd": "+", "mul": "×", "sub": "-", "truediv": "÷", "getitem": "rows of"}


def _text(text: str) -> str:
    """Text that Mermaid shows and never obeys: names and modules come from anyone."""
    plain = " ".join(text.split())
    for sign, entity in (("#", "#35;"), ("&", "#amp;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), (";", "#59;")):
        plain = plain.replace(sign, entity) if sign not in "#;" else plain
    return plain
