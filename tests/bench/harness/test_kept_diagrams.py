"""Diagrams of built-in variants outlive a run; those of plug-ins do not."""

import pytest

from bench.harness import kept_diagrams
from bench.harness.drawing import Drawing
from bench.variants.plugins import load_parts
from bench.variants.variant import VARIANTS
from cfce.models.sizes import Sizes
from cfce.scale import RatingScale

SIZES = Sizes(10, 20, 5, RatingScale((1, 2, 3)))


@pytest.fixture(autouse=True, scope="module")
def parts():
    load_parts()


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("CFCE_CACHE", str(tmp_path))
    kept_diagrams.keep_diagram("ce", SIZES, "flowchart of ce")
    return tmp_path / "diagrams"


def test_a_variant_whose_diagram_is_kept_is_not_drawn_again(cache, monkeypatch):
    monkeypatch.setattr("bench.harness.drawing.Child", None)  # raises where a process is to be started
    with Drawing([("ce", SIZES)], lambda: None) as drawing:
        assert drawing.finish() == ({"ce": "flowchart of ce"}, {})


def test_other_sizes_another_variant_and_other_source_are_drawn_anew(cache, monkeypatch):
    assert kept_diagrams.kept_diagram("ce", SIZES) == "flowchart of ce"
    assert kept_diagrams.kept_diagram("ce", Sizes(10, 20, 6, SIZES.scale)) is None
    assert kept_diagrams.kept_diagram("regression", SIZES) is None
    monkeypatch.setattr(kept_diagrams, "_source", lambda: "other source")
    assert kept_diagrams.kept_diagram("ce", SIZES) is None


def test_of_a_plug_in_nothing_is_kept(cache, monkeypatch):
    monkeypatch.setitem(VARIANTS._sources, "regression", "mine.py")
    kept_diagrams.keep_diagram("regression", SIZES, "flowchart")
    assert len(list(cache.iterdir())) == 1


def test_a_cache_that_cannot_be_written_or_read_is_no_error(monkeypatch, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("CFCE_CACHE", str(tmp_path / "file"))
    kept_diagrams.keep_diagram("ce", SIZES, "flowchart")
    assert kept_diagrams.kept_diagram("ce", SIZES) is None
