"""A search without trainings: scores come from a formula, in whatever order."""

import math
import random

import pytest

import bench.variants.built_in  # noqa: F401 - registers the variants
from bench.tuning.search import COMPLETE, LOST, PRUNED, Search, TrialMaker
from bench.tuning.space import space_of
from bench.tuning.terms import FIRST_SEARCH_SEED, IN_FLIGHT, NEVER_PRUNED, Terms
from bench.variants.plugins import load_plugin
from bench.variants.variant import VARIANTS
from cfce.errors import UserError

MADE_UP = ("made-up", "f" * 64)


def score(trial):
    """Best at learning rate 0.02; splits differ by a constant."""
    return 1.2 + abs(math.log(trial.options["learning_rate"] / 0.02)) * 0.1 + 0.01 * trial.split


def run(terms, order=None, score=score, seconds=1.0, variant="regression", pinned=None):
    """A finished search; ``order`` picks which of the trials under way ends next."""
    search = Search(space_of(variant, pinned or {}, {}), terms, TrialMaker(*MADE_UP))
    under_way = search.advance()
    while under_way:
        trial = under_way.pop(0 if order is None else order.randrange(len(under_way)))
        under_way += search.hear(trial, score(trial), seconds)
    assert search.finished
    return search


def told(search):
    return [
        (one.options, one.state, tuple(one.trials[split].trial_id for split in sorted(one.losses))) for one in search.settings
    ]


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_the_order_in_which_trials_end_changes_nothing(sampler):
    terms = Terms(budget=24, splits=3, sampler=sampler)
    first = told(run(terms))
    assert all(told(run(terms, random.Random(seed))) == first for seed in range(3))


def test_another_seed_and_another_variant_draw_other_settings():
    first = [one.options["learning_rate"] for one in run(Terms(budget=6)).settings]
    assert [one.options["learning_rate"] for one in run(Terms(budget=6, seed=1)).settings][1:] != first[1:]
    assert [one.options["learning_rate"] for one in run(Terms(budget=6), variant="softmax").settings][1:] != first[1:]


def test_a_larger_budget_begins_as_the_smaller_one():
    assert told(run(Terms(budget=30)))[:20] == told(run(Terms(budget=20)))


def test_the_first_setting_is_the_defaults_and_the_best_is_chosen():
    search = run(Terms(budget=40))
    assert search.settings[0].options == search.space.defaults
    complete = [one for one in search.settings if one.state == COMPLETE]
    assert search.best.loss == min(one.loss for one in complete)
    assert search.best.loss < search.settings[0].loss


def test_tpe_comes_nearer_than_chance():
    """The point of learning from scores: later settings lie nearer to the best rate."""
    near = [abs(math.log(one.options["learning_rate"] / 0.02)) for one in run(Terms(budget=60)).settings]
    chance = [abs(math.log(one.options["learning_rate"] / 0.02)) for one in run(Terms(budget=60, sampler="random")).settings]
    assert sum(near[30:]) < 0.6 * sum(chance[30:])


def test_scores_decide_what_tpe_draws_from_the_18th_setting_on():
    def other(trial):
        return -score(trial)

    one, two = (run(Terms(budget=30), score=made).settings for made in (score, other))
    assert [a.options == b.options for a, b in zip(one, two, strict=True)].index(False) == 17


def test_a_setting_worse_than_the_median_on_the_first_split_is_not_trained_on_the_others():
    search = run(Terms(budget=40, splits=3, sampler="random"))
    pruned = [one for one in search.settings if one.state == PRUNED]
    assert pruned
    assert all(len(one.losses) == 1 and one.losses[0] > one.threshold for one in pruned)
    assert all(len(one.losses) == 3 for one in search.settings if one.state == COMPLETE)
    assert all(one.state == COMPLETE for one in search.settings[:NEVER_PRUNED]), "a median needs some before it"


def test_a_score_that_is_better_when_higher_is_chosen_so():
    def accuracy(trial):
        return 0.4 - abs(math.log(trial.options["learning_rate"] / 0.02)) * 0.01

    search = run(Terms(metric="accuracy", budget=20), score=accuracy)
    complete = [one for one in search.settings if one.state == COMPLETE]
    best = max(complete, key=lambda one: accuracy(one.trials[0]))
    assert search.best is best


def test_a_lost_training_is_never_chosen_and_does_not_stop_the_search():
    def lost_when_fast(trial):
        return None if trial.options["learning_rate"] > 0.004 else score(trial)

    search = run(Terms(budget=20), score=lost_when_fast)
    assert {one.state for one in search.settings} >= {LOST, COMPLETE}
    assert search.best.options["learning_rate"] <= 0.004
    assert run(Terms(budget=4), score=lambda trial: None).best is None


def test_seconds_end_a_search():
    """10 s a setting of one split: with 35 s, no setting is begun once four are told; those under way are finished."""
    search = run(Terms(budget=60, splits=1, seconds=35), seconds=10.0)
    assert len(search.settings) == 4 + IN_FLIGHT - 1


def test_no_seed_of_a_search_judges():
    search = run(Terms(budget=6, splits=2, seeds=3))
    searched = {trial.seed for one in search.settings for trial in one.trials}
    judged = search.judged(search.best.options)
    assert len(judged) == 2 * 3
    assert not searched & {trial.seed for trial in judged}
    assert min(searched) >= FIRST_SEARCH_SEED


def test_options_that_depend_on_others_are_searched_where_they_matter():
    search = run(Terms(budget=40, sampler="random"), pinned={"optimizer": ("adam", "sgd")})
    optimizers = {one.options["optimizer"] for one in search.settings}
    assert optimizers == {"adam", "sgd"}
    for one in search.settings[1:]:
        moved = one.options["regularization"] != search.space.defaults["regularization"]
        assert moved == (one.options["optimizer"] == "sgd")
        assert one.options["epochs"] >= 10 or one.options["optimizer"] == "adam"


def test_a_variant_without_the_score_is_told_so():
    with pytest.raises(UserError, match="'regression' has no nll, so it cannot be tuned by it; pass another --metric"):
        run(Terms(budget=2), score=lambda trial: math.nan)


def test_a_tuning_after_a_plug_in_was_edited_makes_other_trials_in_the_same_python(tmp_path):
    file = tmp_path / "mine.py"
    text = """
from bench.registry import register_variant
from cfce.estimators.estimator import Estimator

class Mine(Estimator):
    def fit(self, task):
        return 3.0

register_variant("mine", "", estimator=Mine())
"""
    found = []
    try:
        for written in (text, text.replace("3.0", "5.0")):
            file.write_text(written)
            load_plugin(file)
            found.append(TrialMaker(*MADE_UP).trial("mine", {}, "random-80-10-10", 0, 0).trial_id)
    finally:
        VARIANTS.forget("mine")
    assert found[0] != found[1]
