"""What the README shows works as it stands there."""

import csv
import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from bench.report import write_report
from bench.study import load_study

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(scope="module")
def readme() -> str:
    return README.read_text()


def test_the_variant_of_the_readme_trains_by_its_command_beside_the_built_in_ones(
    readme: str, tmp_path: Path, warm: Any, undrawn: None
) -> None:
    """The file and the command of the section, on a small dataset; the study goes into the working folder."""
    section = readme[readme.index("## How to add a variant") :]
    code = re.search(r"```python\n# two_layers\.py\n(.*?)```", section, re.S)
    command = re.search(r"```sh\npython -m bench (run --plugin two_layers\.py [^\n]*)\n```", section)
    assert code is not None
    assert command is not None
    (tmp_path / "two_layers.py").write_text(code[1])
    small = ["--dataset", "synthetic-1000", "--seeds", "2", "--epochs", "1", "--factors", "4", "--learning-rates", "0.01"]
    arguments = [*shlex.split(command[1]), *small, "--jobs", "1", "--out", "study"]
    done = warm.run(
        arguments, {**os.environ, "CFCE_CACHE": str(tmp_path / "cache")}, tmp_path, without=("report", "drawings", "workers")
    )
    assert done.returncode == 0, done.stderr
    assert write_report(load_study(tmp_path / "study")) == []
    rows = list(csv.DictReader((tmp_path / "study" / "results.csv").read_text().splitlines()))
    assert {row["status"] for row in rows} == {"ok"}
    assert {(row["variant"], row["engine"]) for row in rows if row["engine"] != "baseline"} == {
        ("two-layers", "torch"),
        ("ce", "fused"),
        ("regression", "fused"),
    }
    assert "two-layers" in (tmp_path / "study" / "report.md").read_text()


def test_every_command_of_the_table_is_one_of_the_program(readme: str) -> None:
    from bench.cli.app import COMMANDS

    shown = set(re.findall(r"`bench ([a-z-]+)", readme))
    assert shown == {name for name, _, _ in COMMANDS}


def test_every_file_that_it_links_is_there(readme: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", readme)
    missing = [link for link in links if "://" not in link and not (README.parent / link).exists()]
    assert not missing
