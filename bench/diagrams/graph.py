"""A diagram as a value: boxes with texts, and arrows between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Shape = Literal["box", "round", "hexagon"]


@dataclass(frozen=True)
class Node:
    """A box of a diagram."""

    id: str
    text: str
    shape: Shape = "box"
    """A box computes, a round one is data, a hexagon is the loss."""


@dataclass(frozen=True)
class Graph:
    """Boxes, and arrows from one to another by their ids; without circles."""

    nodes: tuple[Node, ...]
    arrows: tuple[tuple[str, str], ...]


def differing(graphs: Sequence[Graph]) -> list[frozenset[str]]:
    """For each of several graphs the ids of the boxes whose text not all of them have: what tells them apart.

    >>> a = Graph((Node("x", "+"), Node("y", "sigmoid")), (("x", "y"),))
    >>> b = Graph((Node("x", "+"),), ())
    >>> [sorted(one) for one in differing([a, b])]
    [['y'], []]
    """
    if not graphs:
        return []
    common = frozenset.intersection(*(frozenset(node.text for node in graph.nodes) for graph in graphs))
    return [frozenset(node.id for node in graph.nodes if node.text not in common) for graph in graphs]
