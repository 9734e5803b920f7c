"""Where the boxes of a graph stand: layers from top to bottom, arrows down, few crossings.

After Sugiyama, Tagawa and Toda (1981): boxes get layers, an arrow over several layers gets a bend in each, the order within a
layer follows the mean place of the neighbours, and so do the places.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.diagrams.graph import Graph

SWEEPS = 12
Key = str | tuple[int, int]
"""A box by its id; a bend by the number of its arrow and its layer."""


@dataclass(frozen=True)
class Layout:
    """Places in pixels: the centre of each box, the bends of each arrow, and how much room all take."""

    centres: Mapping[str, tuple[float, float]]
    ways: tuple[tuple[tuple[float, float], ...], ...]
    """For each arrow of the graph its ends, and where it enters and leaves each layer between them."""
    width: float
    height: float


def layout(graph: Graph, sizes: Mapping[str, tuple[float, float]], gap: tuple[float, float] = (18.0, 26.0)) -> Layout:
    """The places of boxes of some widths and heights, ``gap`` apart.

    Raises ``ValueError`` for a graph with a circle.
    """
    layers = _layers(graph)
    routes = [_route(number, one, other, layers) for number, (one, other) in enumerate(graph.arrows)]
    rows: list[list[Key]] = [[] for _ in range(max(layers.values(), default=0) + 1)]
    for node in graph.nodes:
        rows[layers[node.id]].append(node.id)
    for (one, _), route in zip(graph.arrows, routes, strict=True):
        for step, key in enumerate(route[1:-1], 1):
            rows[layers[one] + step].append(key)
    links = [link for route in routes for link in pairwise(route)]
    above, below = defaultdict(list), defaultdict(list)
    for upper, lower in links:
        above[lower].append(upper)
        below[upper].append(lower)
    widths = {key: sizes[key][0] if isinstance(key, str) else 0.0 for row in rows for key in row}
    x = _places(rows, widths, above, below, gap[0])
    heights = [max((sizes[key][1] for key in row if isinstance(key, str)), default=0.0) for row in rows]
    y: dict[Key, tuple[float, float]] = {}
    top = 0.0
    for row, height in zip(rows, heights, strict=True):
        y |= dict.fromkeys(row, (top, top + height))
        top += height + gap[1]
    left = min((x[key] - widths[key] / 2 for key in x), default=0.0)
    right = max((x[key] + widths[key] / 2 for key in x), default=0.0)
    centres: dict[Key, tuple[float, float]] = {
        # rounding must not put a box outside
        node.id: (max(x[node.id] - left, widths[node.id] / 2), sum(y[node.id]) / 2)
        for node in graph.nodes
    }
    ways = tuple(
        (centres[route[0]], *((x[key] - left, end) for key in route[1:-1] for end in y[key]), centres[route[-1]])
        for route in routes
    )
    return Layout({node.id: centres[node.id] for node in graph.nodes}, ways, right - left, max(0.0, top - gap[1]))


def _layers(graph: Graph) -> dict[str, int]:
    """The layer of each box: as low as what it leads to allows, but data without a source stays at the top."""
    after, before = defaultdict(list), defaultdict(list)
    for one, other in graph.arrows:
        after[one].append(other)
        before[other].append(one)
    order: list[str] = []
    waiting = {node.id: len(before[node.id]) for node in graph.nodes}
    ready = [one for one, count in waiting.items() if not count]
    while ready:
        order.append(ready.pop(0))
        for other in after[order[-1]]:
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    if len(order) < len(graph.nodes):
        raise ValueError("the arrows of the graph go in a circle")
    earliest: dict[str, int] = {}
    for one in order:
        earliest[one] = max((earliest[other] + 1 for other in before[one]), default=0)
    found = dict(earliest)
    for one in reversed(order):
        if before[one] and after[one]:
            found[one] = min(found[other] for other in after[one]) - 1
    return found


def _route(number: int, one: str, other: str, layers: Mapping[str, int]) -> list[Key]:
    bends: list[Key] = [(number, layer) for layer in range(layers[one] + 1, layers[other])]
    return [one, *bends, other]


def _places(
    rows: list[list[Key]],
    widths: Mapping[Key, float],
    above: Mapping[Key, Sequence[Key]],
    below: Mapping[Key, Sequence[Key]],
    gap: float,
) -> dict[Key, float]:
    """The middle of each box and bend: rows are ordered, then drawn to their neighbours without touching each other."""
    x: dict[Key, float] = {}
    for row in rows:
        x |= _packed(row, {key: float(at) for at, key in enumerate(row)}, widths, gap)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        near = above if down else below
        for row in rows if down else reversed(rows):
            wanted = {key: sum(x[one] for one in near[key]) / len(near[key]) if near[key] else x[key] for key in row}
            row.sort(key=lambda key: wanted[key])
            x |= _packed(row, wanted, widths, gap)
    return x


def _packed(row: Sequence[Key], wanted: Mapping[Key, float], widths: Mapping[Key, float], gap: float) -> dict[Key, float]:
    """Places as near to the wanted ones as the widths allow: the mean of pushing right and of pushing left.

    >>> _packed(["a", "b"], {"a": 0.0, "b": 0.0}, {"a": 10.0, "b": 10.0}, 2.0)
    {'a': -6.0, 'b': 6.0}
    """
    right: dict[Key, float] = {}
    edge = float("-inf")
    for key in row:
        right[key] = max(wanted[key], edge + widths[key] / 2)
        edge = right[key] + widths[key] / 2 + gap
    left: dict[Key, float] = {}
    edge = float("inf")
    for key in reversed(row):
        left[key] = min(wanted[key], edge - widths[key] / 2)
        edge = left[key] - widths[key] / 2 - gap
    return {key: (right[key] + left[key]) / 2 for key in row}
