"""A variant's modules as a Mermaid diagram, drawn from the module itself."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bench.variants.variant import Variant
from cfce.estimators import Network
from cfce.models.sizes import Sizes

if TYPE_CHECKING:
    from torch import fx, nn


def mermaid(variant: Variant, sizes: Sizes) -> str:
    """A flow chart from user and item to the loss: what the scorer and the objective's head compute, in order.

    Arithmetic shows where ``torch.fx`` can trace the module; a module that it cannot trace shows as its parts in a row.
    An estimator without a module, such as a baseline, gives one box.
    """
    network = variant.estimator
    if not isinstance(network, Network):
        return f'flowchart TD\n  ratings["ratings of train"] --> fitted["{_text(variant.description)}"]'
    objective = network.objective
    sizes = replace(sizes, outputs=objective.outputs(sizes.scale))
    lines = ["flowchart TD", '  user(["user (B)"])', '  item(["item (B)"])']
    scorer, head = network.scorer(sizes), objective.torch_head(sizes.scale)
    score = _draw(scorer, "s", ["user", "item"], lines)
    output = _draw(head, "h", [score], lines)
    lines.append(f'  {output} --> out(["outputs {_shape(scorer, head, sizes)}"])')
    lines.append(f'  out --> loss{{{{"loss: {_text(objective.name)}"}}}}')
    return "\n".join(lines)


def _shape(scorer: "nn.Module", head: "nn.Module", sizes: Sizes) -> str:
    """The shape of what the objective's head gives for a batch, such as (B, 5): found by running it on two ratings."""
    import torch

    codes = torch.zeros(2, dtype=torch.long)
    with torch.no_grad():
        scores = scorer(codes, codes)
        output = head(scores.squeeze(-1) if sizes.n_outputs == 1 and scores.dim() == 2 else scores)
    return f"({', '.join(['B', *map(str, output.shape[1:])])})"


def _draw(module: "nn.Module", prefix: str, inputs: list[str], lines: list[str]) -> str:
    """Append the nodes and arrows of one module; the name of the node that gives its output."""
    from torch import fx

    try:
        graph = fx.Tracer().trace(module)
    except Exception:  # control flow that depends on data, or anything else that fx cannot follow
        return _draw_parts(module, prefix, inputs, lines)
    modules = dict(module.named_modules())
    waiting = list(inputs)
    names: dict[str, str] = {}
    tables: dict[str, str] = {}
    output = inputs[-1]
    for node in graph.nodes:
        sources = [names[one.name] for one in node.all_input_nodes if one.name in names]
        if node.op == "placeholder":
            names[node.name] = waiting.pop(0) if waiting else node.name
        elif node.op == "output":
            output = sources[-1] if sources else output
        elif node.op == "get_attr":
            tables[node.name] = _shown_parameter(node, modules)
        elif _changes_nothing(node, modules) and sources:
            names[node.name] = sources[0]
        else:
            names[node.name] = f"{prefix}_{node.name}"
            held = [tables[one.name] for one in node.all_input_nodes if one.name in tables]
            lines.append(f'  {names[node.name]}["{_text(_label(node, modules, held))}"]')
            lines += [f"  {source} --> {names[node.name]}" for source in dict.fromkeys(sources)]
    return output


def _draw_parts(module: "nn.Module", prefix: str, inputs: list[str], lines: list[str]) -> str:
    parts = [(name, part) for name, part in module.named_modules() if not list(part.children())] or [("module", module)]
    before = inputs
    for number, (name, part) in enumerate(parts):
        node = f"{prefix}_{number}"
        lines.append(f'  {node}["{_text(f"{name}: {part}" if name else str(part))}"]')
        lines += [f"  {source} --> {node}" for source in before]
        before = [node]
    return before[0]


def _changes_nothing(node: "fx.Node", modules: dict[str, Any]) -> bool:
    """Whether a node only reshapes, adds 0, or is an identity: a reader need not see it."""
    if node.op == "call_module":
        return type(modules[str(node.target)]).__name__ == "Identity"
    name = _operation(node)
    return name in RESHAPES or (name == "+" and 0 in node.args)


def _label(node: "fx.Node", modules: dict[str, Any], held: list[str]) -> str:
    """What a node does: a module with its sizes, an operation with its numbers, a lookup with the table that it reads."""
    if node.op == "call_module":
        return f"{node.target}: {modules[str(node.target)]}"
    name = _operation(node)
    numbers = [f"{one:g}" for one in node.args if isinstance(one, int | float) and node.op == "call_function"]
    if held and name in LOOKUPS:
        return f"row of {', '.join(held)}"
    return " ".join([name, *numbers, *held])


def _operation(node: "fx.Node") -> str:
    name = node.target if isinstance(node.target, str) else getattr(node.target, "__name__", str(node.target))
    return SYMBOLS.get(name, name)


def _shown_parameter(node: "fx.Node", modules: dict[str, Any]) -> str:
    """A parameter with its shape."""
    owner, _, name = str(node.target).rpartition(".")
    value = getattr(modules[owner], name)
    return f"{node.target} {' × '.join(map(str, value.shape))}" if hasattr(value, "shape") else str(node.target)


SYMBOLS = {"add": "+", "iadd": "+", "mul": "×", "sub": "-", "truediv": "÷"}
LOOKUPS = ("embedding", "getitem")
RESHAPES = ("squeeze", "unsqueeze", "view", "reshape", "flatten")
ENTITIES = str.maketrans({"#": "#35;", "&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", ";": "#59;", "`": "#96;"})


def _text(text: str) -> str:
    """Text that Mermaid shows and never obeys: names and modules come from anyone.

    >>> _text('a "b" <c>')
    'a #quot;b#quot; #lt;c#gt;'
    """
    return " ".join(text.split()).translate(ENTITIES)
