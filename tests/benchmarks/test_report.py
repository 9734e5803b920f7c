"""The pass over a study, its statistics and its report, on predictions that no training gave."""

from dataclasses import asdict

import numpy as np
import pytest

from bench.comparison.compare import compare_all
from bench.comparison.margin import verdict_metrics
from bench.comparison.scores import StudyScores
from bench.comparison.user_bootstrap import UserBootstrap
from bench.plan.trial import Trial
from bench.report.build import build_report
from bench.report.chart_data import chart_data
from bench.report.markdown import report_markdown
from bench.report.page import report_page
from bench.report.results_csv import results_csv
from bench.study import HeldOut, Record, load_study
from bench.study.files import sha256_of
from bench.study.formats import write_record, write_settings
from bench.study.prediction_file import read_predictions, write_predictions
from cfce.engines.task import Epoch
from cfce.metrics import METRICS
from cfce.options import OptionValues, TrainingOptions
from cfce.predictions import Prediction
from cfce.seeds import stream
from cfce.splits import split_ratings


@pytest.fixture(scope="session")
def study(fold, timed, tmp_path_factory):  # type: ignore[no-untyped-def]
    """Two variants over ten splits, or over two where nothing is timed."""
    folder = tmp_path_factory.mktemp("study")
    ids = []
    for split in range(10 if timed else 2):
        other = split_ratings(fold.ratings, fold.protocol, split)
        for number, variant in enumerate(("one", "two")):
            draw = (split, split, split)
            what = ("drawn", "f", fold.protocol, variant, "fused", "cpu")
            trial = Trial(*what, *draw, OptionValues(asdict(TrainingOptions())), "code").identified({})
            path = folder / "predictions" / f"{trial.trial_id}.parquet"
            write_predictions(path, held_out(other, split, 1.0 + number), fold.scale)
            sizes = {part: len(fold.rows(part)) for part in ("train", "valid", "test")}
            record = Record(trial, "ok", "", (Epoch(1.0, 1.0, 0.1),), 0.1, 100.0, 10, (), sha256_of(path), sizes)
            write_record(folder / "trials" / f"{trial.trial_id}.json", record)
            ids.append(trial.trial_id)
    data = {"dataset": "drawn", "fingerprint": "f", "n_repeated_pairs": 0, "n_ratings": len(fold.ratings), "options": {}}
    data |= {"n_users": fold.ratings.n_users, "n_items": fold.ratings.n_items, "scale": list(fold.scale.values)}
    environment = {"python": "3", "platform": "-", "cpu": "-", "cores": 2, "cuda_device": None, "versions": {}}
    variants = {name: {"description": "", "family": "classification", "mermaid": ""} for name in ("one", "two")}
    asked = "2026-01-01T00:00:00+00:00"
    plan = {"command": "bench run", "asked": asked, "plan": {"protocol": fold.protocol}, "environment": environment}
    plans = [{**plan, "trial_ids": ids}]
    settings = {"name": "study", "created": asked, "data": data, "plans": plans, "variants": variants, "added": []}
    write_settings(folder / "study.json", settings)
    return load_study(folder)


def held_out(fold, split: int, noise: float):  # type: ignore[no-untyped-def]
    """Distributions that lean towards the observed level, the less so the more noise."""
    parts = {}
    for part in ("valid", "test"):
        rows, ratings = fold.rows(part), fold.ratings
        weight = stream(split, part).gamma(1.0, noise, (len(rows), fold.scale.n_levels))
        weight[np.arange(len(rows)), ratings.level[rows]] += 1
        mass = (weight / weight.sum(axis=1, keepdims=True)).astype(np.float32)
        user, item = ratings.user_ids[ratings.user[rows] - 1], ratings.item_ids[ratings.item[rows] - 1]
        parts[part] = HeldOut(part, user, item, ratings.level[rows], Prediction(fold.scale, probabilities=mass))
    return parts


@pytest.fixture(scope="session")
def scores(study):  # type: ignore[no-untyped-def]
    return StudyScores.of(study)


def test_writing_predictions(benchmark, fold, tmp_path):  # type: ignore[no-untyped-def]
    benchmark(write_predictions, tmp_path / "one.parquet", held_out(fold, 0, 1.0), fold.scale)
    assert (tmp_path / "one.parquet").exists()


def test_reading_predictions(benchmark, study):  # type: ignore[no-untyped-def]
    path = study.path / "predictions" / f"{study.records[0].trial_id}.parquet"
    assert benchmark(read_predictions, path, study.scale).keys() == {"valid", "test"}


def test_the_pass_over_a_study(benchmark, study):  # type: ignore[no-untyped-def]
    scores = benchmark.pedantic(StudyScores.of, (study,), rounds=2)
    assert scores.problems == {}


def test_the_bootstrap_and_all_verdicts(benchmark, scores):  # type: ignore[no-untyped-def]
    verdicts = benchmark.pedantic(lambda: compare_all(scores, bootstrap=UserBootstrap(scores)), rounds=2)
    assert len(verdicts) == len(verdict_metrics(METRICS)) - 1  # of two classifiers, accuracy of the mode is accuracy


def test_the_table_of_results(benchmark, scores):  # type: ignore[no-untyped-def]
    assert len(benchmark(results_csv, scores.results).splitlines()) == 1 + len(scores.study.records)


@pytest.fixture(scope="session")
def report(scores):  # type: ignore[no-untyped-def]
    """The report without figures, whose time is matplotlib's."""
    return build_report(scores, [], [], chart_data(scores), {})


def test_the_markdown(benchmark, report):  # type: ignore[no-untyped-def]
    assert len(benchmark(report_markdown, report)) > 1000


def test_the_page(benchmark, report):  # type: ignore[no-untyped-def]
    assert "</html>" in benchmark(report_page, report)
