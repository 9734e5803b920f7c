"""Diagrams: Mermaid text reads back as the graph it was written from, and no box of the drawing lies on another."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench.diagrams import Graph, Node, differing, from_mermaid, to_mermaid, to_svg
from bench.diagrams.layout import layout
from bench.tools.describe import diagram
from bench.variants.plugins import load_parts
from bench.variants.variant import VARIANTS
from cfce.models import Sizes
from cfce.scale import RatingScale

SIZES = Sizes(10, 20, 3, RatingScale((1, 2, 3, 4)))
TEXT = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=40)


@st.composite
def graphs(draw):
    """Graphs without circles: every arrow leads to a later box."""
    n = draw(st.integers(1, 9))
    nodes = [Node(f"n{at}", draw(TEXT), draw(st.sampled_from(["box", "round", "hexagon"]))) for at in range(n)]
    arrows = {(f"n{a}", f"n{b}") for a, b in draw(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)))) if a < b < n}
    return Graph(tuple(nodes), tuple(sorted(arrows, key=lambda one: one[::-1])))


@given(graphs())
def test_mermaid_text_reads_back_as_the_graph(graph):
    assert from_mermaid(to_mermaid(graph)) == graph


ROUNDED = Graph(
    tuple(Node(f"n{at}", "0" * length, "box") for at, length in enumerate((1, 1, 14, 1, 3, 1, 1, 1))),
    (("n0", "n2"), ("n1", "n6"), ("n0", "n7"), ("n2", "n7"), ("n3", "n7"), ("n4", "n7"), ("n5", "n7")),
)
"""A graph in which rounding once put a box 3e-14 pixels outside."""


@given(graphs())
@example(ROUNDED)
def test_boxes_do_not_touch_and_arrows_go_down(graph):
    sizes = {node.id: (40.0 + 7 * len(node.text), 30.0) for node in graph.nodes}
    found = layout(graph, sizes)
    boxes = [(*found.centres[node.id], *sizes[node.id]) for node in graph.nodes]
    for at, (x, y, width, height) in enumerate(boxes):
        assert x - width / 2 >= 0
        assert x + width / 2 <= found.width + 1e-6
        for other_x, other_y, other_width, other_height in boxes[:at]:
            assert abs(x - other_x) >= (width + other_width) / 2 - 1e-6 or abs(y - other_y) >= (height + other_height) / 2
    for way in found.ways:
        heights = [y for _, y in way]
        assert heights == sorted(heights)
        assert heights[0] < heights[-1]


@given(graphs())
def test_the_drawing_is_well_formed_and_holds_every_text_and_nothing_that_runs(graph):
    root = ET.fromstring(to_svg(graph, 'a "title" <b>'))
    assert root.get("aria-label") == 'a "title" <b>'
    assert len(root.findall(".//{*}text")) == len(graph.nodes)
    allowed = {"svg", "g", "rect", "polygon", "path", "text", "tspan"}
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= allowed
    assert not {name for element in root.iter() for name in element.keys() if name.startswith("on") or name == "style"}  # noqa: SIM118


def test_a_circle_is_refused():
    circle = Graph((Node("a", "a"), Node("b", "b")), (("a", "b"), ("b", "a")))
    with pytest.raises(ValueError, match="circle"):
        layout(circle, {"a": (1.0, 1.0), "b": (1.0, 1.0)})


def test_every_variant_is_drawn_and_reads_back():
    load_parts()
    for name, variant in VARIANTS.items():
        graph = diagram(variant, SIZES)
        again = from_mermaid(to_mermaid(graph))
        assert again is not None
        assert set(again.nodes) == set(graph.nodes), name
        drawn = re.sub(r"<[^>]*>", " ", to_svg(graph, name))
        assert all(word in drawn for node in graph.nodes[:2] for word in node.text.split()[:2]), name


def test_what_tells_regression_from_classes_is_marked():
    load_parts()
    graphs = [diagram(VARIANTS[name], SIZES) for name in ("regression", "ce")]
    texts = [
        {node.text for node in graph.nodes if node.id in marked} for graph, marked in zip(graphs, differing(graphs), strict=True)
    ]
    assert "sigmoid" in texts[0]
    assert any("linear" in text for text in texts[1])
    assert not any("user" in text for text in texts[0] | texts[1])
