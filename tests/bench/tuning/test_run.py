"""Real tunings of a thousand made-up ratings: the same for any number of workers, resumed, grown, and reported."""

import csv
import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest

import bench
from bench.cli import run_cli
from bench.comparison.scores import StudyScores
from bench.export.logged import logged_trials
from bench.study import HeldOut, load_study
from bench.study.formats import write_settings
from bench.study.prediction_file import write_predictions
from bench.tuning.history import histories_of
from bench.tuning.judged import judged_part
from bench.tuning.score import ValidScorer
from cfce.predictions import Prediction
from cfce.scale import RatingScale

TUNE = ("tune", "--dataset", "synthetic-1000", "--variants", "regression,bias", "--splits", "2", "--seeds", "2")


def tuned(folder, *more):
    assert run_cli([*TUNE, "--primary", "regression,bias:nll", "--out", str(folder), *more]) == 0
    return load_study(folder)


def entries(study):
    """What two tunings must agree on: everything but seconds and times."""
    found = {}
    for plan in study.plans:
        content = json.loads(json.dumps(plan["plan"]["tuning"]))
        for one in content["settings"]:
            one.pop("seconds")
        found[content["variant"]] = content
    return found


def searched(study):
    """The trials of a tuning that are of its search alone."""
    judged = {one for history in histories_of(study) for one in (*history.judged, *history.of_defaults, *history.baselines)}
    found = {one for plan in study.plans for setting in plan["plan"]["tuning"]["settings"] for one in setting["trial_ids"]}
    assert found - judged
    return found - judged


def ages(folder):
    return {path.name: path.stat().st_mtime_ns for path in (folder / "trials").glob("*.json")}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return tuned(tmp_path_factory.mktemp("tuned") / "study", "--budget", "9", "--jobs", "2")


def test_one_worker_finds_what_two_find(study, undrawn, tmp_path):
    assert entries(tuned(tmp_path / "one", "--budget", "9", "--jobs", "1")) == entries(study)


def test_running_again_trains_nothing_and_a_larger_budget_goes_on(study, tmp_path, undrawn, fits_here):
    study = load_study(shutil.copytree(study.path, tmp_path / "study"))
    before, first = ages(study.path), entries(study)
    assert entries(tuned(study.path, "--budget", "9")) == first
    assert ages(study.path) == before
    grown = entries(tuned(study.path, "--budget", "11"))
    assert {name: one["settings"][:9] for name, one in grown.items()} == {name: one["settings"] for name, one in first.items()}
    assert all(len(one["settings"]) == 11 for one in grown.values())
    assert all(age == before[name] for name, age in ages(study.path).items() if name in before), "no trial was trained twice"
    assert len(load_study(study.path).plans) == 2, "the larger search takes the place of the smaller"


def test_the_chosen_setting_has_the_best_mean_on_valid_and_is_trained_with_new_seeds(study):
    for history in histories_of(load_study(study.path)):
        scores = [one.score for one in history.tried if one.state == "complete"]
        assert history.chosen.score == min(scores)
        assert not searched(study) & set(history.judged)
        assert len(history.judged) == (4 if history.variant == "regression" else 2)  # the baseline has no seed


def test_a_tuned_baseline_is_told_from_the_baseline_of_other_searches_which_counts_once_a_split(study):
    """As in a study of 'bench run' that grew by 'bench tune --variants bias', after other variants and a change of code."""
    study = load_study(study.path)
    network, bias = histories_of(study)
    first = next(one for one in study.records if one.trial_id == bias.of_defaults[0])
    of_other_code = replace(first, trial=replace(first.trial, code="other", trial_id="older"))
    with_baseline = replace(network, baselines=("older", *network.baselines, *bias.of_defaults))
    plans = [{**study.plans[0], "plan": {}, "trial_ids": ["older"]}, *study.plans]
    grown = replace(study, settings={**study.settings, "plans": plans}, records=(of_other_code, *study.records))
    names = [record.trial.variant for record in judged_part(grown, [with_baseline, bias]).records]
    assert {name: names.count(name) for name in names} == {"regression": 4, "bias, tuned": 2, "bias": 2, "constant": 2}
    assert {record.trial.variant for record in judged_part(study, [network, bias]).records} == {"regression", "bias", "constant"}


def test_a_trial_that_a_plan_and_a_search_share_is_compared_under_both_names(study, tmp_path):
    """The variant of the plan has the trials that it has without the search, and a trial is exported once."""
    shutil.copytree(study.path, tmp_path / "study")
    history = next(one for one in histories_of(study) if one.variant == "regression")
    both = [*history.judged, *history.of_defaults, *history.baselines]
    plan = {**study.plans[0], "plan": {"protocol": "random-80-10-10"}, "trial_ids": both}
    write_settings(tmp_path / "study" / "study.json", {**study.settings, "plans": [*study.plans, plan]})
    found = bench.load_study(tmp_path / "study")
    alone = StudyScores.of(replace(study, records=tuple(one for one in study.records if one.trial_id in both)))
    rows = found.trials
    of_plan, expected = (one[one.variant == "regression"].trial_id for one in (rows, alone.results))
    assert list(of_plan) == list(expected)
    assert set(rows[rows.variant == "regression, tuned"].trial_id) == set(history.judged)
    ensembles = found.scores.ensembles
    assert len({one.id for one in ensembles}) == len(ensembles)
    assert sum(one.configuration == "regression, tuned" for one in ensembles) == 2
    assert len(found.verdicts) > 0
    assert [one.trial_id for one in logged_trials(found)] == list(rows.trial_id.drop_duplicates())
    assert not found.scores.against("bias").trial_id.duplicated().any()


def test_the_command_that_compares_and_a_notebook_judge_what_the_report_judges(study, capsys):
    with open(study.path / "verdicts.csv", newline="") as file:
        (row,) = [one for one in csv.DictReader(file) if (one["a"], one["b"], one["metric"]) == ("regression", "bias", "nll")]
    found = bench.load_study(study.path)
    assert not set(found.trials.trial_id) & searched(study)
    assert found.compare("regression", "bias", "nll").difference == pytest.approx(float(row["difference"]))
    assert run_cli(["compare", "regression", "bias", "--metric", "nll", "--study", str(study.path)]) == 0
    assert row["standing"] == "primary", "as declared by the flag, and the only one"
    out = capsys.readouterr().out
    told = re.search(r"^nll +\w+ +([+-]\d+\.(\d+)) ", out, re.M)
    assert told is not None
    assert float(told[1]) == pytest.approx(float(row["difference"]), abs=0.51 * 10.0 ** -len(told[2]))
    assert "bench tune" not in out, "a search has no seeds to add to"


def test_a_search_scores_valid_alone(tmp_path):
    """The score is that of the valid rows by hand, and stays when those of test are nonsense."""
    scale = RatingScale((1, 2, 3))
    mass = np.array([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]], dtype=np.float32)
    users = np.array(["a", "a", "b"], dtype=object)
    valid = HeldOut("valid", users, users, np.array([0, 1, 2], dtype=np.uint8), Prediction(scale, probabilities=mass))
    for number, level in enumerate((0, 2)):
        test = HeldOut("test", users[:1], users[:1], np.array([level], np.uint8), Prediction(scale, probabilities=mass[:1]))
        file = tmp_path / str(number) / "predictions" / "one.parquet"
        write_predictions(file, {"valid": valid, "test": test}, scale)
        expected = -np.log([0.5, 0.8, 0.6]).mean()
        assert ValidScorer("raw_nll", scale).score(file, 0) == pytest.approx(expected)


def test_the_report_judges_the_chosen_settings_alone(study):
    text = (study.path / "report.md").read_text()
    for heading in ("Tuned alike", "Which is better at which budget", "Tuned against the defaults", "Which options decide"):
        assert f"## {heading}" in text
    assert "Primary comparison. " in text
    assert "the first is its defaults, and the 8 after it are drawn at random." in text, "a budget of 9"
    assert "is pruned, from setting 13 on" in text
    assert "The command that made this study" in text, "one command, though each variant has a plan of its own"
    assert "bench run --variants regression --dataset synthetic-1000" in text
    with open(study.path / "results.csv", newline="") as file:
        judged = {row["trial_id"] for row in csv.DictReader(file)}
    assert not judged & searched(load_study(study.path))
    with open(study.path / "settings.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(row["chosen"] == "True" for row in rows) == 2
    page = (study.path / "report.html").read_text()
    assert page.count('<img class="figure"') == 5  # budget, lines, slices of two variants, and who gains
    assert all((study.path / "figures" / f"tuning-{name}.png").exists() for name in ("budget", "lines", "regression", "bias"))


def test_the_command_of_a_chosen_setting_trains_it_again(study, undrawn, fits_here):
    """Its trials have the ids of the study's, so that nothing of the setting is lost in the command."""
    import shlex

    history = next(one for one in histories_of(load_study(study.path)) if one.variant == "regression")
    text = (study.path / "report.md").read_text()
    line = next(line for line in text.splitlines() if line.startswith("bench run --variants regression"))
    out = study.path.parent / "again"
    assert run_cli([*shlex.split(line)[1:-2], "--out", str(out)]) == 0
    assert set(history.judged) <= {path.stem for path in (out / "trials").glob("*.json")}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--budget", "1"), "--budget 1 came; a budget is 2 settings or more"),
        (("--metric", "rsme"), "unknown metric 'rsme'"),
        (("--option", "epocs=3"), "unknown option 'epocs'"),
        (("--primary", "regression,biass:nll"), "unknown variant 'biass'"),
        (("--protocol", "random-80-20"), "has no test part"),
        (("--variants", "constant"), "has no option with a range"),
        (("--space", "absent.toml"), "absent.toml"),
        (("--jobs", "0"), "--jobs 0 came"),
        (("--variants", "ordrec-implicit", "--option", "optimizer=sgd"), "variant 'ordrec-implicit': no engine can train"),
        (("--variants", "ce,ordrec-implicit", "--option", "optimizer=adam,sgd"), "variant 'ordrec-implicit': no engine can"),
    ],
)
def test_bad_input_gets_one_sentence_before_training(tmp_path, capsys, arguments, sentence):
    assert run_cli([*TUNE, "--out", str(tmp_path / "study"), *arguments]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
    assert not (tmp_path / "study").exists()
