"""A study grows: another command in its folder trains what is missing, keeps the rest, and the report covers all."""

import os
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.study import load_study

STEPS = {
    "two seeds": ("--seeds", "2"),
    "four seeds": ("--seeds", "4"),
    "another variant": ("--seeds", "4", "--variants", "ce,regression"),
    "another option": ("--seeds", "4", "--option", "n_factors=2,3"),
    "another protocol": ("--seeds", "4", "--protocol", "random-80-20"),
}
"""What each run asks for; a seed has a trial of ``ce`` and one of each of the two baselines, at one learning rate."""


WITHOUT = ("drawings", "workers")


def bench(
    warm: Any, folder: Path, *arguments: str, without: tuple[str, ...] = (*WITHOUT, "report")
) -> "subprocess.CompletedProcess[str]":
    command = ["run", "--dataset", "synthetic-1000", "--variants", "ce", "--epochs", "1"]
    command += ["--learning-rates", "0.05", "--devices", "cpu", "--jobs", "1", "--out", str(folder / "study")]
    if "n_factors=2,3" not in arguments:
        command += ["--factors", "2"]
    environment = {**os.environ, "CFCE_CACHE": str(folder / "cache")}
    return warm.run([*command, *arguments], environment, folder, without)


def stamps(folder: Path) -> dict[str, int]:
    """When each record and each predictions file was written."""
    study = folder / "study"
    return {path.name: path.stat().st_mtime_ns for place in ("trials", "predictions") for path in (study / place).iterdir()}


@pytest.fixture(scope="module")
def grown(tmp_path_factory, warm):
    """The folder, and after each step what the command printed and when each file was written; the last writes the report."""
    folder = tmp_path_factory.mktemp("growth")
    steps = {}
    for name, arguments in STEPS.items():
        ended = bench(warm, folder, *arguments, without=WITHOUT if name == "another protocol" else (*WITHOUT, "report"))
        assert ended.returncode == 0, ended.stderr
        steps[name] = (ended.stdout, stamps(folder))
    return folder, steps


@pytest.mark.parametrize(
    ("step", "kept", "total", "stay"),
    [
        ("four seeds", 6, 12, 0),  # 2 seeds of 3 variants are there, 4 are asked for
        ("another variant", 12, 16, 0),
        ("another option", 12, 16, 4),  # ce at 2 factors and the baselines; the 4 of regression are of the plan before
        ("another protocol", 0, 12, 20),  # 4 seeds of ce at 2 numbers of factors, of regression and of both baselines
    ],
)
def test_it_says_what_it_keeps_and_what_stays(grown, step, kept, total, stay):
    printed = grown[1][step][0]
    assert f"{total} trials: {total - kept} ok, 0 diverged, 0 failed" in printed
    if kept:
        assert f"keeps {kept} of {total} trials" in printed
    assert (f"{stay} trials of earlier plans stay in the study" in printed) == (stay > 0)
    assert "set aside" not in printed


def test_nothing_is_trained_twice(grown):
    written = [stamps for _, stamps in grown[1].values()]
    own = [[name for name in one if not name.startswith("rows-")] for one in written]  # rows are those of a fold
    assert [len(one) for one in own] == [2 * n for n in (6, 12, 16, 20, 32)]
    for before, after in pairwise(written):
        assert {name: after.get(name) for name in before} == before
    assert not (grown[0] / "study" / "set-aside").exists()


def test_every_plan_stays_with_the_command_that_asked_for_it(grown):
    plans = load_study(grown[0] / "study").plans
    assert [len(plan["trial_ids"]) for plan in plans] == [6, 12, 16, 16, 12]
    for plan, arguments in zip(plans, STEPS.values(), strict=True):
        assert " ".join(arguments) in plan["command"]


def test_the_report_covers_all_and_keeps_protocols_apart(grown):
    folder = grown[0] / "study"
    rows = pd.read_csv(folder / "results.csv")
    assert rows.trial_id.is_unique
    assert set(rows.trial_id) == {path.stem for path in (folder / "trials").iterdir()}
    assert rows.groupby("protocol").size().to_dict() == {"random-80-10-10": 20, "random-80-20": 12}
    assert len(load_study(folder).protocols) == 2
    verdicts = pd.read_csv(folder / "verdicts.csv")
    assert set(zip(verdicts.protocol, verdicts.part, strict=True)) == {("random-80-10-10", "test"), ("random-80-20", "valid")}
    assert "regression" not in set(rows[rows.protocol == "random-80-20"].variant)
    last, first = ((folder / name).read_text() for name in ("report.md", "report-random-80-10-10.md"))
    assert "protocol random-80-20" in last
    assert "protocol random-80-10-10" in first
    assert "| regression | regression |" not in " ".join(last.split())  # what was never trained under it is not described
    assert "| regression | regression |" in " ".join(first.split())


def test_other_data_is_refused_and_leaves_everything_as_it_was(grown, warm):
    folder, steps = grown
    settings = (folder / "study" / "study.json").read_bytes()
    ended = bench(warm, folder, "--seeds", "4", "--dataset", "synthetic-1200")
    assert ended.returncode == 2
    assert "holds other data: dataset is synthetic-1000 there and synthetic-1200 here" in ended.stderr
    assert stamps(folder) == list(steps.values())[-1][1]
    assert (folder / "study" / "study.json").read_bytes() == settings
