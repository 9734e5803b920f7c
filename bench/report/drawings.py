"""The diagrams of a section as SVG for the page, from the Mermaid text that Markdown shows."""

from collections.abc import Sequence

from bench.diagrams import differing, from_mermaid, to_svg
from bench.report.content import Code

MOST_BOXES = 150
"""Boxes beyond which a diagram stays text."""
BOXES_OF_A_BASELINE = 2
"""Boxes of what has no modules to compare: ratings, and what is fitted to them."""


def drawings(codes: Sequence[Code]) -> list[str]:
    """For each block of code the SVG of its diagram, safe to stand in a page; empty for what is none, or too large to read.

    What not all networks have has a thick edge.
    """
    read = [from_mermaid(code.text) if code.language == "mermaid" else None for code in codes]
    graphs = [graph if graph and 0 < len(graph.nodes) <= MOST_BOXES else None for graph in read]
    networks = [graph for graph in graphs if graph and len(graph.nodes) > BOXES_OF_A_BASELINE]
    marked = dict(zip(map(id, networks), differing(networks), strict=True))
    found = []
    for code, graph in zip(codes, graphs, strict=True):
        try:
            found.append(to_svg(graph, f"Modules of {code.title}", marked.get(id(graph), ())) if graph else "")
        except ValueError:  # a circle: no diagram of ours has one, but the text of a study may
            found.append("")
    return found
