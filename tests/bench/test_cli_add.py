"""``bench add``: another model's predictions are in every table and test of the study, and a rerun of the plan keeps them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.cli import run_cli
from bench.external import add_predictions
from bench.study import Study, load_study
from bench.study.lock import study_lock

HOSTILE = "=cmd()<script>../x"
pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.fixture
def study(make_study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:  # type: ignore[no-untyped-def]
    """Two variants and a baseline over three splits."""
    made = make_study.MadeUp
    variants = [made("regression", noise=0.5), made("ce", "classification", noise=0.5, tag=1), made("constant", "baseline")]
    monkeypatch.chdir(tmp_path)
    return make_study(tmp_path / "study", variants, [(seed, seed, seed) for seed in range(3)], n=200)  # type: ignore[no-any-return]


def predictions(study: Study, split: int, path: Path) -> Path:
    """Good points for every held-out rating of a split: the observed rating, with noise."""
    rng = np.random.default_rng(split)
    record = next(record for record in study.records if record.trial.split == split)
    frames = [
        pd.DataFrame(
            {
                "part": part,
                "user": held.user,
                "item": held.item,
                "prediction": study.scale.array[held.level] + rng.normal(0, 0.2, len(held.level)),
            }
        )
        for part, held in study.predictions(record).items()
    ]
    pd.concat(frames).to_csv(path, index=False)
    return path


def test_added_predictions_are_in_the_table_the_report_and_the_verdicts(
    study: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for split in range(3):
        path = predictions(study, split, tmp_path / f"{split}.csv")
        if split < 2:
            add_predictions(HOSTILE, path, load_study(study.path), split=split, seed=split, log=pytest.fail)
        else:
            assert run_cli(["add", HOSTILE, str(path), "--study", "study", "--split", str(split)]) == 0
    shown = capsys.readouterr().out
    assert f"added '{HOSTILE}' as trial " in shown
    assert "(200 of valid, 200 of test)" in shown

    results = pd.read_csv(study.path / "results.csv")
    mine = results[results["variant"].str.contains("script", regex=False)]
    assert mine[["engine", "device", "seed", "status"]].values.tolist() == [
        ["external", "unknown", seed, "ok"] for seed in range(3)
    ]
    assert mine["test_rmse"].max() < 0.3
    assert mine[["test_nll", "test_rps", "test_skill_rmse"]].notna().all(axis=None)
    assert not mine["variant"].str.startswith("=").any(), "a spreadsheet would run it"
    assert "cmd()" in (study.path / "report.md").read_text()
    page = (study.path / "report.html").read_text()
    assert "cmd()" in page
    assert "<script>../x" not in page

    assert run_cli(["compare", HOSTILE, "regression", "--study", "study", "--metric", "rmse,nll"]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert any(
        f"{said} in RMSE on test by " in first
        for said in (f"{HOSTILE} is better than regression", f"regression is worse than {HOSTILE}")
    )
    assert {path.name for path in tmp_path.iterdir()} == {"study", "0.csv", "1.csv", "2.csv"}


def test_a_trial_whose_predictions_are_torn_or_gone_does_not_keep_others_from_its_split(study: Study, tmp_path: Path) -> None:
    mine = predictions(study, 0, tmp_path / "0.csv")
    of_split = [record for record in study.ok if record.trial.split == 0]
    first, second = (study.path / "predictions" / f"{record.trial_id}.parquet" for record in of_split[:2])
    first.write_bytes(first.read_bytes()[:-5])
    second.unlink()
    added = add_predictions("mine", mine, load_study(study.path), split=0, log=pytest.fail)
    assert added.rows == {"valid": 200, "test": 200}


def test_refused_predictions_leave_the_study_as_it_was(study: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = predictions(study, 1, tmp_path / "1.csv")
    before = (study.path / "study.json").read_bytes()
    assert run_cli(["add", "mine", str(path), "--study", "study", "--split", "0"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"bench: '{path}', line 2: user ")
    assert "is not among the held-out pairs of this split; predict the rows that 'bench export-fold' writes" in error
    assert (study.path / "study.json").read_bytes() == before
    assert len(list((study.path / "trials").iterdir())) == len(study.records)


def test_a_study_that_is_in_use_is_not_touched(study: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = predictions(study, 0, tmp_path / "0.csv")
    with study_lock(study.path):
        assert run_cli(["add", "mine", str(path), "--study", "study"]) == 2
    assert "is in use by process" in capsys.readouterr().err
    assert load_study(study.path).settings["added"] == []


def test_no_study_is_said_and_no_folder_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["add", "mine", "x.csv", "--study", str(tmp_path / "none")]) == 2
    assert "holds no study" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_a_rerun_of_the_plan_keeps_what_was_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way but the pages: run, export the fold, add predictions of another model, run again."""
    monkeypatch.setattr("bench.report.write_report", lambda study, tell: [])
    monkeypatch.setenv("CFCE_CACHE", str(tmp_path / "cache"))
    run = ["run", "--dataset", "synthetic-1000", "--variants", "ce", "--learning-rates", "0.01", "--seeds", "1", "--jobs", "1"]
    run += ["--devices", "cpu", "--epochs", "1", "--out", str(tmp_path / "study")]
    assert run_cli(run) == 0
    assert run_cli(["export-fold", "--study", str(tmp_path / "study"), "--out", str(tmp_path / "fold")]) == 0
    parts = [pd.read_csv(tmp_path / "fold" / f"{part}.csv") for part in ("valid", "test")]
    pd.concat(parts).assign(prediction=3.5).drop(columns="rating").to_csv(tmp_path / "mine.csv", index=False)
    added = add_predictions("mine", tmp_path / "mine.csv", load_study(tmp_path / "study"), split=0, log=pytest.fail)
    assert run_cli(run) == 0
    again = load_study(tmp_path / "study")
    assert [record.trial_id for record in again.records][-1] == added.trial_id
    assert [record.trial.variant for record in again.records] == ["ce", "constant", "bias", "mine"]
    assert again.settings["variants"]["mine"]["family"] == "regression"
