"""The types of the packages are there for those who use them: a small client is checked from outside."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import bench

pytest.importorskip("mypy", reason="mypy checks it; it is in the dependency group 'types'")

CLIENT = """\
import pandas as pd
from matplotlib.figure import Figure

import bench
from bench import Study, load_study
from bench.registry import Metric, register_metric
from cfce.datasets import load_dataset

study: Study = bench.run(variants=["ce", "regression"], seeds=2, learning_rates=[0.005, 0.1], out="here", optimizer="sgd")
again: Study = load_study("here")
trials: pd.DataFrame = study.trials
verdicts: pd.DataFrame = study.verdicts
board: pd.DataFrame = study.board
table: pd.DataFrame = study.predictions("0123")
figure: Figure = study.plot_confusion("ce", learning_rate=0.1)
text: str = study.compare("ce", "regression", metric="nll").text
n: int = len(load_dataset("synthetic-1000"))
reveal_type(bench.run)
"""
WRONG = """\
import bench

study: str = bench.run(seeds=2)
bench.run(seeds="two")
bench.load_study(5)
"""


SETTINGS = """[mypy]
strict = true
follow_imports = silent
[mypy-torch.*,fastai.*,scipy.*,plotly.*,numba.*]
follow_imports = skip
"""
"""Libraries that no annotation of the client needs are left out: they take a minute."""


def checked(folder: Path, code: str) -> str:
    (folder / "client.py").write_text(code)
    (folder / "mypy.ini").write_text(SETTINGS)
    home = Path(str(bench.__file__)).parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "client.py"],
        cwd=folder,
        env={**os.environ, "MYPYPATH": "" if home.name == "site-packages" else str(home)},
        capture_output=True,
        text=True,
        timeout=230,
    )
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("client")


def test_a_client_passes_the_strict_check_and_sees_types(folder: Path) -> None:
    told = checked(folder, CLIENT)
    assert "Success: no issues found in 1 source file" in told
    assert "-> bench.notebook.Study" in told


def test_a_client_that_is_wrong_is_told_where(folder: Path) -> None:
    told = checked(folder, WRONG)
    assert [line.split(":")[1] for line in told.splitlines() if ": error:" in line] == ["3", "4", "5"]
