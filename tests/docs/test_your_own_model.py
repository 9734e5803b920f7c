"""The programs and the command of the page on models of one's own, as they stand there."""

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest

from bench import load_study
from bench.cli import run_cli
from bench.variants.variant import VARIANTS

PAGE = Path(__file__).parents[2] / "docs/how-to/your-own-model.md"
SMALL = [
    "--dataset",
    "synthetic-1000",
    "--seeds",
    "1",
    "--epochs",
    "1",
    "--learning-rates",
    "0.03",
    "--jobs",
    "1",
    "--out",
    "study",
]


def block(after: str, kind: str) -> str:
    text = PAGE.read_text(encoding="utf-8").partition(after)[2]
    return text.partition(f"```{kind}\n")[2].partition("```")[0]


def test_the_python_and_the_shell_program_stand_in_the_table_with_the_scores_of_their_formulas(
    tmp_path: Path, undrawn: None, fits_here: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("item_means.py").write_text(block("`item_means.py`", "python"))
    Path("user_means.sh").write_text(block("`user_means.sh`", "sh"))
    Path("user_means.sh").chmod(0o755)
    program, *arguments = shlex.split(block("## Run them", "sh"))
    assert program == "bench"
    try:
        assert run_cli([*arguments, *SMALL]) == 0, capsys.readouterr().out
        exec(block("A plug-in can register one too", "python").replace('"item-means",', '"registered",'), {})
        assert list(VARIANTS["registered"].options) == ["shrinkage"]
    finally:
        for name in ("item-means", "user-means", "registered"):
            if name in VARIANTS:
                VARIANTS.forget(name)
    rows = pd.read_csv("study/results.csv")
    assert list(rows[rows.variant == "item-means"].shrinkage) == [1, 5]
    assert dict(zip(rows.variant, rows.timed, strict=True)) == {
        **dict.fromkeys(("regression", "item-means", "constant", "bias"), "fit"),
        "user-means": "process",
    }
    (trial,) = rows[rows.variant == "user-means"].trial_id
    predicted = load_study("study").predictions(trial)
    (scored,) = rows[rows.variant == "user-means"].test_rmse
    test = predicted[predicted.part == "test"]
    assert scored == pytest.approx(((test.rating - test.prediction) ** 2).mean() ** 0.5, abs=1e-6)
    assert test.groupby("user").prediction.nunique().max() == 1, "one prediction for each user"


def test_every_key_of_the_metadata_is_on_the_page() -> None:
    from cfce.estimators.program.declaration import KEYS

    table = PAGE.read_text(encoding="utf-8").partition("Under `[tool.cfce]`:")[2].partition("## ")[0]
    named = {name for row in re.findall(r"^\| (`[^|]*) \|", table, re.M) for name in re.findall(r"`(\w+)`", row)}
    assert named == set(KEYS)
