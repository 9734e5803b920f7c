"""A variant's modules as a diagram, drawn from the module itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bench.diagrams.graph import Graph, Node, Shape
from bench.diagrams.mermaid import to_mermaid
from bench.tools.labels import changes_nothing, label, of_module
from bench.variants.variant import Variant
from cfce.estimators import Network
from cfce.models.sizes import Sizes

if TYPE_CHECKING:
    from torch import fx, nn


def mermaid(variant: Variant, sizes: Sizes) -> str:
    """The diagram of a variant as Mermaid text."""
    return to_mermaid(diagram(variant, sizes))


def diagram(variant: Variant, sizes: Sizes) -> Graph:
    """A graph from user and item to the loss: what the scorer and the objective's head compute, in order.

    Arithmetic shows where ``torch.fx`` can trace the module; a module that it cannot trace shows as its parts in a row.
    An estimator without a module, such as a baseline, gives one box.
    """
    network = variant.estimator
    if not isinstance(network, Network):
        return Graph((Node("ratings", "ratings of train"), Node("fitted", variant.description)), (("ratings", "fitted"),))
    objective = network.objective
    sizes = replace(sizes, outputs=objective.outputs(sizes.scale))
    drawing = _Drawing()
    user, item = (drawing.add(name, f"{name} (B)", (), "round") for name in ("user", "item"))
    scorer, head = network.scorer(sizes), objective.torch_head(sizes.scale)
    score = _draw(scorer, "s", [user, item], drawing)
    shape, is_head = _outputs(scorer, head, sizes)
    output = _draw(head, "h", [score], drawing) if is_head else score
    made = drawing.add("out", f"outputs {shape}", [output], "round")
    drawing.add("loss", f"loss: {objective.name}", [made], "hexagon")
    return Graph(tuple(drawing.nodes), tuple(drawing.arrows))


@dataclass
class _Drawing:
    """A graph that grows."""

    nodes: list[Node] = field(default_factory=list)
    arrows: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, text: str, sources: Sequence[str], shape: Shape = "box") -> str:
        """Add a box with arrows from others; its id."""
        self.nodes.append(Node(name, text, shape))
        self.arrows += [(source, name) for source in dict.fromkeys(sources)]
        return name


def _outputs(scorer: "nn.Module", head: "nn.Module", sizes: Sizes) -> tuple[str, bool]:
    """The shape of what the objective's head gives for a batch, such as (B, 5), and whether it does more than reshape.

    Found by running it on two ratings; what can be trained counts as more, whatever its first weights do.
    """
    import torch

    codes = torch.zeros(2, dtype=torch.long)
    with torch.no_grad():
        scores = scorer(codes, codes)
        scores = torch.linspace(-1, 1, scores.numel()).view_as(scores)  # of both signs
        output = head(scores.squeeze(-1) if sizes.n_outputs == 1 and scores.dim() == 2 else scores)
    does_more = any(True for _ in head.parameters()) or not torch.equal(output.flatten(), scores.flatten())
    return f"({', '.join(['B', *map(str, output.shape[1:])])})", does_more


def _draw(module: "nn.Module", prefix: str, inputs: list[str], drawing: _Drawing) -> str:
    """Add the boxes and arrows of one module; the id of the box that gives its output."""
    from torch import fx

    try:
        graph = fx.Tracer().trace(module)
    except Exception:  # control flow that depends on data, or anything else that fx cannot follow
        return _draw_parts(module, prefix, inputs, drawing)
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
        elif changes_nothing(node, modules) and sources:
            names[node.name] = sources[0]
        elif changes_nothing(node, modules) and (held := _held(node, tables)):
            tables[node.name] = held[0]
        else:
            names[node.name] = drawing.add(f"{prefix}_{node.name}", label(node, modules, _held(node, tables)), sources)
    return output


def _held(node: "fx.Node", tables: dict[str, str]) -> list[str]:
    """The parameters that a node reads."""
    return [tables[one.name] for one in node.all_input_nodes if one.name in tables]


def _draw_parts(module: "nn.Module", prefix: str, inputs: list[str], drawing: _Drawing) -> str:
    """Add the parts of a module that cannot be traced, one after the other, with their parameters."""
    parts = [(name, part) for name, part in module.named_modules() if not list(part.children())]
    before = inputs
    for number, (name, part) in enumerate(parts):
        held = ", ".join(f"{one} {_shape(value)}" for one, value in part.named_parameters())
        plain = of_module(name, part)
        told = f"{plain} of {held}" if held and plain == type(part).__name__ else plain
        before = [drawing.add(f"{prefix}_{number}", told, before)]
    return before[0]


def _shown_parameter(node: "fx.Node", modules: dict[str, Any]) -> str:
    """A parameter with its shape."""
    owner, _, name = str(node.target).rpartition(".")
    value = getattr(modules[owner], name)
    return f"{node.target} {_shape(value)}" if hasattr(value, "shape") else str(node.target)


def _shape(value: Any) -> str:
    return " × ".join(map(str, value.shape))
