"""A graph as SVG, in the colour of the text around it: no script, no style, nothing from elsewhere."""

import textwrap
from collections.abc import Collection
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from bench.diagrams.graph import Graph, Node
from bench.diagrams.layout import layout

LETTERS = 24
"""Of a line of text in a box."""
LETTER, LINE, PADDING = 7.4, 16.0, 10.0
"""Pixels: of a letter, a line, and around the text."""
EDGE = 8.0
"""Pixels around the whole drawing."""


def to_svg(graph: Graph, title: str, marked: Collection[str] = (), alone: bool = False) -> str:
    """The graph from top to bottom as an SVG element that is named ``title``.

    The boxes in ``marked`` have a thick edge. ``alone``: as a file of its own, with a white ground.

    >>> print(to_svg(Graph((Node("x", "a < b"),), ()), "one box")[:64])
    <svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="o
    """
    lines = {node.id: _lines(node.text) for node in graph.nodes}
    sizes = {
        node.id: (
            max(map(len, lines[node.id])) * LETTER + (2.8 if node.shape == "hexagon" else 2) * PADDING,
            len(lines[node.id]) * LINE + 1.2 * PADDING,
        )
        for node in graph.nodes
    }
    found = layout(graph, sizes)
    width, height = found.width + 2 * EDGE, found.height + 2 * EDGE
    parts = [_arrow(way, sizes[one][1], sizes[other][1]) for way, (one, other) in zip(found.ways, graph.arrows, strict=True)]
    parts += [_box(node, lines[node.id], found.centres[node.id], sizes[node.id], node.id in marked) for node in graph.nodes]
    ground = '<rect x="-8" y="-8" width="100%" height="100%" fill="#ffffff"/>' if alone else ""
    colour = ' color="#1a1f24"' if alone else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label={quoteattr(title)} '
        f'viewBox="{-EDGE:g} {-EDGE:g} {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"{colour} '
        f'font-family="system-ui, sans-serif" font-size="12.5">{ground}{"".join(parts)}</svg>'
    )


def _lines(text: str) -> list[str]:
    """A text in lines that fit a box, five at most.

    >>> _lines("linear: Linear(in_features=1, out_features=5, bias=True)")
    ['linear:', 'Linear(in_features=1,', 'out_features=5,', 'bias=True)']
    """
    return textwrap.wrap(text, LETTERS, max_lines=5, placeholder=" …") or [""]


def _box(node: Node, lines: list[str], centre: tuple[float, float], size: tuple[float, float], marked: bool) -> str:
    (x, y), (width, height) = centre, size
    left, top, right, bottom = x - width / 2, y - height / 2, x + width / 2, y + height / 2
    look = f'fill="none" stroke="currentColor" stroke-width="{2.5 if marked else 1}"'
    if node.shape == "hexagon":
        corners = [(left, y), (left + 9, top), (right - 9, top), (right, y), (right - 9, bottom), (left + 9, bottom)]
        outline = f'<polygon points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in corners)}" {look}/>'
    else:
        radius = height / 2 if node.shape == "round" else 3
        outline = f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius:.1f}" {look}/>'
    first = y - (len(lines) - 1) * LINE / 2 + 4.5
    texts = "".join(f'<tspan x="{x:.1f}" y="{first + at * LINE:.1f}">{escape(line)}</tspan>' for at, line in enumerate(lines))
    return f'<g>{outline}<text text-anchor="middle" fill="currentColor">{texts}</text></g>'


def _arrow(way: tuple[tuple[float, float], ...], above: float, below: float) -> str:
    """An arrow through its bends, from the lower edge of one box to the upper edge of another, with a head."""
    points = [(way[0][0], way[0][1] + above / 2), *way[1:-1], (way[-1][0], way[-1][1] - below / 2 - 1)]
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x, y), (to_x, to_y) in pairwise(points):
        middle = (y + to_y) / 2
        path += f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}"
    x, y = points[-1]
    head = f"M{x - 4:.1f} {y - 7:.1f}L{x:.1f} {y:.1f}L{x + 4:.1f} {y - 7:.1f}"
    return f'<path d="{path}{head}" fill="none" stroke="currentColor" opacity="0.7"/>'
