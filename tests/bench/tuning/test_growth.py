"""Tunings in folders that hold something already: of other code, at older defaults, without ``study.json``, or of other data."""

import pandas as pd
import pytest

from bench.cli import run_cli
from bench.report import write_report
from bench.report.results_csv import TEXTS
from bench.study import load_study
from bench.tuning.entry import KEY, entries_of
from bench.variants.variant import VARIANTS

DATA = ("--dataset", "synthetic-1000", "--jobs", "1")
ALIKE = ("--budget", "2", "--splits", "1", "--seeds", "1", "--sampler", "random")
ESTIMATOR = """
from dataclasses import dataclass, field
import numpy as np
from bench.registry import register_variant
from cfce.engines.task import Fitted
from cfce.estimators.estimator import Estimator
from cfce.predictions import Prediction
from cfce.search import Range, searched

@dataclass(frozen=True)
class Mine(Estimator):
    level: float = field(default=3.0, metadata=searched(Range(2.0, 4.0)))

    def fit(self, task):
        parts = {name: np.full(len(task.fold.rows(name)), self.level + 0.1, np.float32) for name in task.fold.held_out}
        return Fitted((), {name: Prediction(task.fold.scale, points=one) for name, one in parts.items()}, 0.1, 1.0, 0)

register_variant("mine", "as it was", estimator=Mine())
"""
NETWORK = """
from bench.registry import register_variant
from bench.variants.variant import VARIANTS
from cfce.estimators import Network
from cfce.options import TrainingOptions
of = VARIANTS["ce"].estimator
training = TrainingOptions(epochs=1, n_factors=2)
register_variant("mine", "", estimator=Network(of.scorer, of.objective_name, training=training))
"""


@pytest.fixture
def plug_in(tmp_path, monkeypatch, fits_here, undrawn):
    """The file of a plug-in whose variant is ``mine``; commands write no report."""
    monkeypatch.setattr("bench.report.write_report", lambda study, tell: [])
    yield tmp_path / "mine.py"
    if "mine" in VARIANTS:
        VARIANTS.forget("mine")


@pytest.fixture
def bench(plug_in, tmp_path):
    """``bench("run", ...)``, with the plug-in, in one folder; gives the study that it leaves."""

    def command(name, *more):
        alike = ALIKE if name == "tune" else ()
        assert run_cli([name, *DATA, *alike, "--plugin", str(plug_in), "--out", str(tmp_path / "study"), *more]) == 0
        return load_study(tmp_path / "study")

    return command


def of_variant(study, name):
    return [record for record in study.records if record.trial.variant == name]


def test_a_search_does_not_take_trials_at_an_older_default_for_its_own(plug_in, bench, capsys):
    """An option at its default is not in a trial's id, so that the trials of both have the same ids."""
    pinned = ("batch_size=64", "weight_decay=0.1", "optimizer=adam", "regularization=0", "head_init=random", "epochs=1")
    options = [word for one in (*pinned, "learning_rate=0.001,0.1") for word in ("--option", one)]
    plug_in.write_text(NETWORK)
    first = bench("tune", "--variants", "mine", *options, "--option", "n_factors=2")
    plug_in.write_text(NETWORK.replace("n_factors=2", "n_factors=3"))
    study = bench("tune", "--variants", "mine", *options, "--option", "n_factors=3")
    assert {one.trial_id for one in of_variant(study, "mine")} & {one.trial_id for one in of_variant(first, "mine")}
    assert {record.trial.options["n_factors"] for record in of_variant(study, "mine")} == {3}
    assert len(entries_of(study.settings)) == 1, "the search of the trials that were set aside is gone"
    assert "set aside" in capsys.readouterr().out


def test_a_search_after_an_edit_sets_all_trials_of_the_old_code_aside(plug_in, bench, capsys):
    plug_in.write_text(ESTIMATOR)
    before = {one.trial_id for one in of_variant(bench("run", "--variants", "mine", "--seeds", "2"), "mine")}
    plug_in.write_text(ESTIMATOR.replace("0.1, np", "0.2, np").replace("as it was", "as it is"))
    study = bench("tune", "--variants", "mine")
    assert "set aside 2 trials of other code" in capsys.readouterr().out
    assert not before & set(study.trial_ids)
    assert not study.untrained
    assert study.settings["variants"]["mine"]["description"] == "as it is"


def test_a_search_whose_trials_a_run_set_aside_is_gone_and_its_baselines_stay(plug_in, bench, capsys):
    plug_in.write_text(ESTIMATOR)
    tuned = bench("tune", "--variants", "mine,bias", "--splits", "2")
    plug_in.write_text(ESTIMATOR.replace("0.1, np", "0.2, np"))
    study = bench("run", "--variants", "mine", "--seeds", "1")
    assert "the search of 'mine' was of trials that were set aside and is gone; 'bench tune'" in capsys.readouterr().out
    assert [plan["plan"][KEY]["variant"] for plan in entries_of(tuned.settings)] == ["mine", "bias"]
    assert [plan["plan"][KEY]["variant"] for plan in entries_of(study.settings)] == ["bias"]
    assert not study.untrained
    assert {one.trial.code for one in of_variant(study, "mine")} == {of_variant(study, "mine")[0].trial.code}
    assert len(of_variant(study, "constant")) == 2


def test_a_lost_study_json_is_made_anew_with_the_trials_of_runs(plug_in, bench, tmp_path):
    plug_in.write_text(ESTIMATOR)
    before = bench("run", "--variants", "mine", "--seeds", "2")
    (tmp_path / "study" / "study.json").unlink()
    study = bench("tune", "--variants", "bias")
    assert {one.trial_id for one in before.records} <= {one.trial_id for one in study.records}
    (tmp_path / "study" / "study.json").unlink()
    out = ("--plugin", str(plug_in), "--out", str(tmp_path / "study"))
    assert run_cli(["tune", "--dataset", "synthetic-2000", *ALIKE, "--variants", "bias", *out]) == 2


def test_a_lost_study_json_of_searches_alone_is_made_anew_as_it_was(plug_in, bench, tmp_path):
    plug_in.write_text(ESTIMATOR)
    before = bench("tune", "--variants", "mine")
    (tmp_path / "study" / "study.json").unlink()
    study = bench("tune", "--variants", "mine")
    assert [plan["plan"] for plan in study.plans] == [plan["plan"] for plan in before.plans]


def test_where_no_variant_can_be_fitted_nothing_is_written_and_the_command_ends_with_1(tmp_path, capsys):
    file = tmp_path / "fit.py"
    option = "k = { default = 1.0, low = 1.0, high = 2.0 }"
    lines = ("/// script", "[tool.cfce]", 'files = ["absent.txt"]', "[tool.cfce.options]", option, "///")
    file.write_text("".join(f"# {line}\n" for line in lines))
    out = tmp_path / "study"
    try:
        assert run_cli(["tune", *DATA, *ALIKE, "--program", f"absent={file}", "--variants", "absent", "--out", str(out)]) == 1
    finally:
        VARIANTS.forget("absent")
    told = capsys.readouterr().out
    assert "absent cannot be fitted here: there is no file" in told
    assert "report: none could be made" in told
    assert not (out / "study.json").exists()


def test_the_table_of_settings_goes_with_the_last_search(make_study, tmp_path, monkeypatch):
    monkeypatch.setattr("bench.report.write._write_protocol", lambda *anything: (pd.DataFrame(columns=TEXTS), [], ""))
    study = make_study(tmp_path, [make_study.MadeUp("one"), make_study.MadeUp("constant", "baseline")])
    (tmp_path / "settings.csv").write_text("of a search that is gone")
    write_report(study)
    assert not (tmp_path / "settings.csv").exists()
