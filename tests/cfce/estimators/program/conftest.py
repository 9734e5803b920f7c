"""A fold of synthetic ratings, and programs of a few lines for it."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cfce.datasets import load_dataset
from cfce.estimators import Program
from cfce.estimators.program import Command
from cfce.splits import Fold, split_ratings

READ = """
import json, os, sys, time
import pandas as pd
task = json.load(open("task.json"))
train, valid, test = (pd.read_parquet(f"{part}.parquet") for part in ("train", "valid", "test"))
rows = pd.concat([valid, test])
"""


@pytest.fixture(scope="module")
def fold(tmp_path_factory: pytest.TempPathFactory) -> Fold:
    """800 ratings of train, 100 of valid and 100 of test."""
    ratings = load_dataset("synthetic-1000", cache=tmp_path_factory.mktemp("cache"), log=lambda line: None)
    return split_ratings(ratings, "random-80-10-10", 0)


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Program]:
    """``program(code, head="", read=True)``: the program of a Python file that reads its folder first, a block before it."""

    def make(code: str, head: str = "", read: bool = True) -> Program:
        (tmp_path / "fit.py").write_text(head + (READ if read else "import os, sys\n") + code)
        return Program.of(Command((sys.executable, "fit.py"), tmp_path))

    return make
