"""Diagrams of modules: a graph as a value, as Mermaid text and as SVG."""

from bench.diagrams.graph import Graph, Node, differing
from bench.diagrams.mermaid import from_mermaid, to_mermaid
from bench.diagrams.svg import to_svg

__all__ = ["Graph", "Node", "differing", "from_mermaid", "to_mermaid", "to_svg"]
