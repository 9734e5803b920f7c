"""Scores in the place of predictions: the same tables and verdicts, in a study that grows as any other."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import bench
from bench.cli import run_cli
from bench.comparison.at_hand import scorer
from bench.comparison.compare import compare_all
from bench.comparison.gains import gains_of
from bench.comparison.kept import Reducer
from bench.comparison.scores import StudyScores
from bench.harness.keeping import Keeper
from bench.harness.outcome import Outcome
from bench.registry import Metric
from bench.study import load_study
from bench.study.files import rows_path
from bench.study.fold_rows import read_table
from bench.study.folder import StudyFolder
from bench.study.score_file import kept_bytes
from bench.tuning.score import ValidScorer
from cfce.errors import UserError
from cfce.metrics import METRICS

DRAWS = [(0, 0, 0), (0, 1, 1), (1, 2, 2)]
"""Split, seed and order of each training."""


@pytest.fixture(scope="module")
def made(make_study, tmp_path_factory):
    """A study with predictions, of enough ratings that they are stored as codes."""
    variants = [
        make_study.MadeUp("constant", "baseline"),
        make_study.MadeUp("regression", noise=0.5),
        make_study.MadeUp("ce", "classification", tag=1),
    ]
    return make_study(tmp_path_factory.mktemp("made") / "study", variants, DRAWS, n=1100)


def reduced(study, folder, which=lambda record: True, reducing=Reducer):
    """A copy of a study in which some trials keep their scores alone, written as a run writes them."""
    shutil.copytree(study.path, folder)
    keeper = Keeper(StudyFolder(folder), study.scale, reducing)
    for record in filter(which, study.ok):
        file = folder / "predictions" / f"{record.trial_id}.parquet"
        about = read_table(file).schema.metadata
        rows = rows_path(file.parent, about[b"rows"].decode()).read_bytes()
        content = file.read_bytes()
        file.unlink()
        keeper.write(Outcome(record, content, rows=rows))
    return load_study(folder)


def same(found, expected):
    pd.testing.assert_frame_equal(found.results, expected.results, check_exact=True)
    for one, other in zip(compare_all(found), compare_all(expected), strict=True):
        assert repr(one) == repr(other), (one.metric, one.a, one.b)  # NaN is no equal of itself


def test_tables_and_verdicts_are_to_the_last_digit_those_of_predictions(made, tmp_path):
    expected, found = StudyScores.of(made), StudyScores.of(reduced(made, tmp_path / "all"))
    same(found, expected)
    assert not list((tmp_path / "all" / "predictions").glob("[!r]*.parquet"))
    for key, one in expected.parts.items():
        if key in found.parts:
            assert found.parts[key].grid == one.grid
            np.testing.assert_array_equal(found.parts[key].confusion, one.confusion)
            assert (found.parts[key].calibration is None) == (one.calibration is None)
            if one.calibration is not None:
                np.testing.assert_array_equal(found.parts[key].calibration.curve(), one.calibration.curve())
    assert found.temperatures == {key: one for key, one in expected.temperatures.items() if not key.endswith("ensemble")}
    assert (found.sigmas, expected.ensembles != [], found.ensembles) == (expected.sigmas, True, [])


@pytest.mark.parametrize("which", [0, 1])
def test_a_study_may_hold_both_kinds_of_trial(made, tmp_path, which):
    """Whichever kind comes first sets the order of the users; an ensemble and a gain need the predictions of all."""
    study = reduced(made, tmp_path / "study", lambda record: (record.trial.seed + (record.trial.variant == "ce")) % 2 == which)
    found = StudyScores.of(study)
    same(found, StudyScores.of(made))
    assert found.ensembles == []
    assert gains_of(found, "ce", "regression", "nll") is None


def test_users_in_another_order_are_put_in_that_of_the_split(made, tmp_path):
    """As where one file was written by another version; the sums go with their users."""

    def turned_round(scale):
        def turned(path):
            kept = Reducer(scale).kept_of(path)
            users = replace(kept.users, user=kept.users.user[::-1], count=kept.users.count[::-1])
            sums = {name: one[::-1] for name, one in kept.sums.items()}
            return kept_bytes(replace(kept, sums=sums, users=users))

        return turned

    one = next(record for record in made.ok if record.trial.variant == "ce")
    same(StudyScores.of(reduced(made, tmp_path / "study", lambda record: record is one, turned_round)), StudyScores.of(made))


def test_scores_of_other_users_are_refused_by_name(made, tmp_path):
    """A file put in the place of one of another split, its record made to agree, gives no score."""
    study = reduced(made, tmp_path / "study")
    first, other = (next(one for one in study.ok if one.trial.split == split) for split in (0, 1))
    file = study.path / "scores" / f"{first.trial_id}.parquet"
    shutil.copy(file.with_name(f"{other.trial_id}.parquet"), file)
    records = tuple(replace(one, scores_sha256=other.scores_sha256) if one is first else one for one in study.records)
    scores = StudyScores.of(replace(study, records=records[1:] + records[:1]))
    assert scores.problems == {first.trial_id: "its scores cannot be used: the users are not those of other trials of the split"}


def test_a_metric_that_came_later_has_no_score_and_one_that_is_gone_does_not_matter(made, tmp_path, monkeypatch):
    study = reduced(made, tmp_path / "study")
    later = Metric("later", "later", loss=lambda prediction, level: np.zeros(len(level)), in_verdicts=True, margin=0.1)
    monkeypatch.setitem(METRICS._parts, "later", later)
    monkeypatch.delitem(METRICS._parts, "qwk")
    scores = StudyScores.of(study)
    assert scores.results["test_later"].isna().all()
    assert all("qwk" not in one.scores for one in scores.parts.values())
    assert scores.results["test_rmse"].notna().all()
    assert "later" not in {one.metric for one in compare_all(scores)}


def test_a_search_reads_the_score_that_predictions_give(made, tmp_path):
    study = reduced(made, tmp_path / "study")
    for name in ("nll", "raw_nll", "rmse", "fcp", "qwk"):
        scorer = ValidScorer(name, made.scale)
        for record, alone in zip(made.ok, study.ok, strict=True):
            assert scorer.of(study.path, alone) == scorer.of(made.path, record)


def test_a_search_says_that_the_kept_scores_lack_a_metric_that_came_later(made, tmp_path, monkeypatch):
    study = reduced(made, tmp_path / "study")
    monkeypatch.setitem(METRICS._parts, "later", Metric("later", "later", loss=lambda prediction, level: np.zeros(len(level))))
    with pytest.raises(UserError, match=r"'constant'.* and later is not among them; pass a --metric that is"):
        ValidScorer("later", made.scale).of(study.path, study.ok[0])


def test_predictions_that_were_not_kept_are_asked_for_in_vain_and_the_sentence_says_why(made, tmp_path):
    study = bench.load_study(reduced(made, tmp_path / "study").path)
    with pytest.raises(UserError, match=r"has no predictions, as it was trained with --keep scores; train it without that flag"):
        study.predictions(study.ok[0].trial_id)


def test_a_metric_that_raises_makes_a_failed_trial_with_the_reason(made, tmp_path):
    def raising(scale):
        def reduce(path):
            raise ZeroDivisionError("no ratings")

        return reduce

    study = reduced(made, tmp_path / "study", lambda record: record is made.ok[0], raising)
    assert (study.records[0].status, study.records[0].reason) == ("failed", "its predictions cannot be scored: no ratings")


RUN = ("run", "--dataset", "synthetic-1000", "--variants", "ce", "--learning-rates", "0.05", "--epochs", "1")
RUN = (*RUN, "--factors", "2", "--devices", "cpu", "--jobs", "1")


def test_a_run_keeps_scores_says_what_is_not_shown_and_grows(tmp_path, undrawn, fits_here, capsys):
    """A seed of scores, then a torn file and another seed with predictions: the second run trains what is missing."""
    folder = tmp_path / "study"
    assert run_cli([*RUN, "--seeds", "1", "--keep", "scores", "--out", str(folder)]) == 0
    assert [path.name for path in (folder / "predictions").iterdir()] == []
    assert len(list((folder / "scores").glob("[!u]*.parquet"))) == 3
    assert len(list((folder / "scores").glob("users-*.parquet"))) == 1, "one a fold"
    report = (folder / "report.md").read_text()
    assert "## What is not shown\n\n3 of 3 finished trials keep their scores and no predictions (--keep scores)." in report
    assert "## Confusion and recall" in report
    assert "## Who gains" not in report
    capsys.readouterr()
    torn, *_ = (folder / "scores").glob("[!u]*.parquet")
    torn.write_bytes(torn.read_bytes()[:-1])
    assert run_cli([*RUN, "--seeds", "2", "--out", str(folder)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert f"set aside trials/{torn.stem}.json: its scores do not match their SHA-256; its trial is trained again" in printed
    assert "keeps 2 of 6 trials, 2 of which have scores and no predictions" in printed
    study = load_study(folder)
    assert sorted(record.keeps_predictions for record in study.ok) == [False] * 2 + [True] * 4
    assert StudyScores.of(study).problems == {}


def test_another_word_is_refused_with_what_is_allowed(tmp_path, capsys):
    assert run_cli([*RUN, "--keep", "nothing", "--out", str(tmp_path / "study")]) == 2
    assert "--keep nothing came; it is predictions or scores" in capsys.readouterr().err


def test_scores_made_beside_predictions_are_to_the_last_digit_those_of_their_files(made):
    """What workers send along, with a trial that sent none; ensembles and gains are made from predictions as ever."""
    score = scorer(made.scale)
    folder = made.path / "predictions"
    scored = {}
    for record in made.ok[1:]:
        file = folder / f"{record.trial_id}.parquet"
        rows = rows_path(folder, read_table(file).schema.metadata[b"rows"].decode())
        scored[record.trial_id] = score(file.read_bytes(), rows.read_bytes())
    expected, found = StudyScores.of(made), StudyScores.of(replace(made, scored=scored))
    same(found, expected)
    pd.testing.assert_frame_equal(found.ensemble_results, expected.ensemble_results, check_exact=True)
    assert len(found.ensembles) == len(expected.ensembles) > 0
    assert repr(gains_of(found, "ce", "regression", "nll")) == repr(gains_of(expected, "ce", "regression", "nll"))


def test_scores_at_hand_are_taken_and_no_file_is_read(made, tmp_path):
    """Of a study without its files, the scores are there; a trial that shares its split with another is read for the mean."""
    record = next(one for one in made.ok if one.trial.split == 1)
    file = made.path / "predictions" / f"{record.trial_id}.parquet"
    rows = rows_path(file.parent, read_table(file).schema.metadata[b"rows"].decode())
    scored = {record.trial_id: scorer(made.scale)(file.read_bytes(), rows.read_bytes())}
    study = replace(made, path=tmp_path, records=(record,), scored=scored)
    assert StudyScores.of(study).problems == {}
    assert "its predictions are missing" in StudyScores.of(replace(study, scored={})).problems[record.trial_id]


def test_scores_are_left_to_the_report_where_a_plug_in_has_a_metric(made, monkeypatch):
    monkeypatch.setitem(METRICS._sources, "qwk", "mine.py")
    assert scorer(made.scale)(b"predictions", b"rows") is None
