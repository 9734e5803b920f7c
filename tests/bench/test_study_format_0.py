"""A study that version 0.1 wrote, with its predictions in ``forecasts/``, is read with every number the same."""

import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.report import write_report
from bench.study import load_study
from bench.study.files import read_json, write_json
from cfce.errors import UserError

ZIP = Path(__file__).parents[1] / "fixtures" / "study-format-0.zip"


def unpacked(folder):
    """The study, and its tables as version 0.1 wrote them."""
    with zipfile.ZipFile(ZIP) as archive:
        archive.extractall(folder)
    return folder, pd.read_csv(folder / "results.csv"), pd.read_csv(folder / "verdicts.csv")


@pytest.fixture
def old(tmp_path):
    """The folder of the study."""
    return unpacked(tmp_path / "study")[0]


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """The folder of the study with a report of today, and its tables before."""
    found = unpacked(tmp_path_factory.mktemp("old") / "study")
    write_report(load_study(found[0]))
    return found


CALIBRATED = ("nll", "rps", "brier", "calibration_error")
"""Scores that are taken after one parameter was fitted on valid since; as they were, they have ``raw_`` before their names."""


def _now(name):
    """The column in which a score of version 0.1 stands now; None for skill in NLL, which follows from another."""
    part, _, score = name.partition("_")
    if score == "skill_nll":
        return None
    return f"{part}_raw_{score}" if part in ("valid", "test") and score in CALIBRATED else name


def test_every_score_of_every_trial_is_the_same(reported):
    folder, before, _ = reported
    after = pd.read_csv(folder / "results.csv").set_index("trial_id").loc[before.trial_id].reset_index()
    for name in before.columns:
        if _now(name) is None:
            continue
        if before[name].dtype.kind == "f":
            np.testing.assert_allclose(after[_now(name)].astype(float), before[name], rtol=1e-6, err_msg=name)
        elif name != "reason":
            assert after[name].fillna("").tolist() == before[name].fillna("").tolist(), name
    assert len(before) == 29
    assert (after.valid_nll.dropna() <= after.valid_raw_nll.dropna() + 1e-6).all()  # what fitting on valid is for


def test_every_difference_between_values_at_one_rate_is_the_same(reported):
    """Intervals are wider than they were, or as wide: splits of this study share their seeds, which now counts."""
    folder, _, before = reported
    key = ["metric", "a", "b"]
    after = pd.read_csv(folder / "verdicts.csv").set_index(key)
    before = before[~before.metric.isin(CALIBRATED)]
    checked = 0
    for row in before.to_dict("records"):
        place = tuple(row[name] for name in key)
        if place not in after.index:
            assert row["metric"] == "mode_accuracy"  # which is accuracy, between two distributions
            continue
        found = after.loc[place]
        if "fits" in f"{found.chosen_a} {found.chosen_b}":
            continue  # fits chose different rates for each other
        checked += 1
        assert found.difference == pytest.approx(row["difference"], abs=1e-6)
        if row["n"] > 1:
            assert found.low <= row["low"] + 1e-4
            assert found.high >= row["high"] - 1e-4
    assert checked > 20


def test_an_unknown_format_is_a_sentence_that_says_what_wrote_it(old):
    folder = old
    trial = next((folder / "trials").iterdir())
    write_json(trial, {**read_json(trial), "format": 99, "written_by": "cfce-bench 9.9"})
    with pytest.raises(UserError, match=r"is of format 99, written by cfce-bench 9\.9; .* use a newer version"):
        load_study(folder)
    settings = folder / "study.json"
    write_json(settings, {**read_json(settings), "format": 98, "written_by": "cfce-bench 9.8"})
    with pytest.raises(UserError, match=r"study\.json' is of format 98, written by cfce-bench 9\.8"):
        load_study(folder)


def test_a_run_into_it_trains_anew_and_keeps_what_was_added(old, tmp_path, warm):
    command = ["run", "--dataset", "synthetic-1000", "--variants", "ce", "--learning-rates", "0.1", "--seeds", "1"]
    environment = {**os.environ, "CFCE_CACHE": str(tmp_path / "cache")}
    arguments = [*command, "--epochs", "1", "--factors", "2", "--jobs", "1", "--out", str(old)]
    ended = warm.run(arguments, environment, without=("report", "drawings", "workers"))
    assert ended.returncode == 0, ended.stderr
    assert "set aside 28 trials of other code or library versions" in ended.stdout
    variants = {record.trial.variant for record in load_study(old).records}
    assert variants == {"ce", "constant", "bias", "their own"}
    assert json.loads((old / "study.json").read_text())["format"] == 2
