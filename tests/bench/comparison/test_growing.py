"""Where each variant was asked for by a command of its own, what grows a comparison are the commands of its two sides."""

from copy import copy
from dataclasses import replace

import pytest

from bench.comparison.choice import choose
from bench.comparison.compare import compare_all
from bench.comparison.growing import plans_behind, widening
from bench.comparison.scores import StudyScores
from bench.report.sections.answer import changes
from bench.statistics.further import Further
from cfce.metrics import METRICS


@pytest.fixture(scope="module")
def scores(make_study, tmp_path_factory):
    """Three variants and the baseline at one rate, three seeds, as three plans that share the baseline."""
    made = make_study.MadeUp
    rates = [made(name, "classification", 0.01, noise) for name, noise in (("one", 0.2), ("two", 0.21), ("three", 0.9))]
    study = make_study(tmp_path_factory.mktemp("study"), rates, [(seed, seed, seed) for seed in range(3)])
    (plan,) = study.plans
    of = {name: [one.trial_id for one in study.records if one.trial.variant == name] for name in ("one", "two", "three")}
    rest = [one for one in plan["trial_ids"] if not any(one in ids for ids in of.values())]
    plans = [{**plan, "command": f"bench run --variants {name}", "trial_ids": [*ids, *rest]} for name, ids in of.items()]
    return StudyScores.of(replace(study, settings={**study.settings, "plans": plans}))


def commands(plans):
    return [plan["command"].removeprefix("bench run --variants ") for plan in plans]


def test_the_plans_behind_a_pair_are_those_of_its_sides_and_one_where_they_share_it(scores):
    assert commands(plans_behind(scores, ["one", "two"])) == ["one", "two"]
    assert commands(plans_behind(scores, ["one"])) == ["one"]
    together = copy(scores)
    both = {**scores.study.plans[-1], "command": "bench run --variants all", "trial_ids": scores.study.trial_ids}
    together.study = replace(scores.study, settings={**scores.study.settings, "plans": [*scores.study.plans, both]})
    assert commands(plans_behind(together, ["one", "three"])) == ["all"]


def test_what_would_decide_a_pair_adds_to_both_sides_and_to_no_other(scores):
    verdicts = [one for one in compare_all(scores, metrics=["nll"]) if {one.a, one.b} == {"one", "two"}]
    needed = Further("seeds", 2, 4, 9, 0.0, 0.0, False)
    (one,) = [replace(one, verdict="undecided", further_seeds=4, further=needed, standing="primary") for one in verdicts]
    codes = changes(scores, [one]).codes
    (adding,) = [code.text for code in codes if "would decide" in code.title]
    added = [line.split(" --out ")[0] for line in adding.split("\n")]
    assert added == ["bench run --variants one --seeds 7", "bench run --variants two --seeds 7"]


def test_a_grid_is_widened_by_the_command_of_its_own_plan(scores):
    chosen = choose(scores, scores.configurations["two"], METRICS["nll"])
    at_an_end = replace(chosen, candidates=(0.01, 0.1), learning_rate=0.01)
    assert [line.split(" --")[1] for line in widening(scores, [at_an_end]).split("\n")] == ["variants two"]
