"""What tests of every folder share."""

import pytest


@pytest.fixture
def undrawn(monkeypatch):
    """Reports and runs of this process draw neither figures nor diagrams, which take most of a small one's time."""

    def save(path, draw, colours):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a figure")
        return b"a figure"

    monkeypatch.setattr("bench.report.figures._save", save)
    monkeypatch.setattr("bench.harness.drawing.Drawing._start", lambda self: None)
