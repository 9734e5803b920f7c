"""What tests of every folder share."""

import importlib.util
import sys
from pathlib import Path

import pytest


def _load(name):
    """The module of a file beside this one."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


WARM, LEAVING_OUT = _load("warm"), _load("leaving_out")


@pytest.fixture
def undrawn(monkeypatch):
    """Reports and runs of this process draw neither figures nor diagrams, which take most of a small one's time."""
    for name, substitute in LEAVING_OUT.SUBSTITUTES["drawings"].items():
        monkeypatch.setattr(name, substitute)


@pytest.fixture
def fits_here(monkeypatch):
    """Runs of this process fit their trials in it, without the seconds in which workers start."""
    for name, substitute in LEAVING_OUT.SUBSTITUTES["workers"].items():
        monkeypatch.setattr(name, substitute)


@pytest.fixture(scope="session")
def warm():
    """Begins commands as real processes, without the second of imports that each would take."""
    begins = WARM.Warm()
    yield begins
    begins.close()
