"""A graph as Mermaid text, and such text read back."""

import html
import re
from itertools import pairwise

from bench.diagrams.graph import Graph, Node, Shape

BRACKETS: dict[Shape, tuple[str, str]] = {"box": ("[", "]"), "round": ("([", "])"), "hexagon": ("{{", "}}")}
ENTITIES = str.maketrans({"#": "#35;", "&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", ";": "#59;", "`": "#96;"})
NODE = re.compile(r"(?P<id>\w+)(?:(?P<open>\(\[|\[|\{\{)\"(?P<text>[^\"]*)\"(?:\]\)|\]|\}\}))?")
ARROW = " --> "


def to_mermaid(graph: Graph) -> str:
    """The graph as a Mermaid flow chart from top to bottom.

    >>> print(to_mermaid(Graph((Node("x", "a", "round"), Node("y", "b < c")), (("x", "y"),))))
    flowchart TD
      x(["a"])
      y["b #lt; c"]
      x --> y
    """
    lines = ["flowchart TD"]
    for node in graph.nodes:
        opening, closing = BRACKETS[node.shape]
        lines.append(f'  {node.id}{opening}"{_text(node.text)}"{closing}')
        lines += [f"  {one}{ARROW}{other}" for one, other in graph.arrows if other == node.id]
    return "\n".join(lines)


def from_mermaid(text: str) -> Graph | None:
    r"""The graph of a flow chart such as ``to_mermaid`` writes; None where a line is none of those.

    >>> from_mermaid('flowchart TD\n  x(["a"]) --> y["b #lt; c"]').nodes
    (Node(id='x', text='a', shape='round'), Node(id='y', text='b < c', shape='box'))
    >>> from_mermaid("sequenceDiagram") is None
    True
    """
    first, *lines = text.splitlines() or [""]
    if not first.startswith("flowchart "):
        return None
    nodes: dict[str, Node] = {}
    arrows: list[tuple[str, str]] = []
    for line in lines:
        found = [NODE.fullmatch(part.strip()) for part in line.split(ARROW)]
        ids = []
        for one in found:
            if one is None:
                return None
            if one["open"] or one["id"] not in nodes:
                nodes[one["id"]] = _node(one)
            ids.append(one["id"])
        arrows += pairwise(ids)
    return Graph(tuple(nodes.values()), tuple(arrows))


def _node(found: re.Match[str]) -> Node:
    if not found["open"]:
        return Node(found["id"], found["id"])
    shape = next(shape for shape, (opening, _) in BRACKETS.items() if opening == found["open"])
    return Node(found["id"], html.unescape(re.sub(r"#(\d+);", r"&#\1;", re.sub(r"#([a-z]+);", r"&\1;", found["text"]))), shape)


def _text(text: str) -> str:
    """Text that Mermaid shows and never interprets: names and modules may come from elsewhere.

    >>> _text('a "b" <c>')
    'a #quot;b#quot; #lt;c#gt;'
    """
    return " ".join(text.split()).translate(ENTITIES)
