"""The answer in one sentence, and its picture: of the verdicts, and no stronger than they are."""

from copy import copy
from dataclasses import replace

import pytest

from bench.comparison.compare import compare_all
from bench.comparison.scores import StudyScores
from bench.report.answer import answer, that_matter
from bench.report.forest import forest_of
from bench.report.sections.answer import _scope, _seeds, answered, changes
from bench.report.sections.verdicts import clearest, cut


@pytest.fixture(scope="module")
def scores(reported):
    return StudyScores.of(reported)


@pytest.fixture(scope="module")
def verdicts(scores):
    return compare_all(scores)


def between(verdicts, a, b):
    return [one for one in verdicts if (one.a, one.b) == (a, b)]


def test_the_answer_is_about_the_families_score_by_score(scores, verdicts):
    told = [
        replace(one, verdict="worse" if one.metric == "accuracy" else "better") for one in between(verdicts, "regression", "ce")
    ]
    said = answer(scores, told)
    assert said.startswith("Regression is better than classification in ")
    assert said.endswith("worse in accuracy.")
    assert "NLL" in said


def test_the_family_that_is_ahead_in_more_scores_comes_first(scores, verdicts):
    told = [replace(one, verdict="worse") for one in between(verdicts, "regression", "ce")]
    assert answer(scores, told).startswith("Classification is better than regression in ")


def test_pairs_that_disagree_are_not_told_as_one(scores, verdicts):
    told = [
        replace(one, verdict="better" if one.b == "ce" else "worse")
        for one in (*between(verdicts, "regression", "ce"), *between(verdicts, "regression", "ce-sigmoid"))
        if one.metric == "nll"
    ]
    assert answer(scores, told) == "Regression is better or worse than classification, by variant, in NLL."


def test_the_answer_tells_in_how_many_pairs_it_is_so(scores, verdicts):
    told = [
        replace(one, verdict="better" if one.b == "ce" else "undecided")
        for one in (*between(verdicts, "regression", "ce"), *between(verdicts, "regression", "ce-sigmoid"))
        if one.metric == "nll"
    ]
    assert answer(scores, told) == "Regression is better than classification in NLL (in 1 of 2 pairs)."


def test_what_is_so_in_every_score_is_told_once(scores, verdicts):
    told = [replace(one, verdict="undecided") for one in between(verdicts, "regression", "ce")]
    assert answer(scores, told) == "Whether regression or classification is better is undecided in every score."
    ordinal = replace(scores.configurations["ce"], family="ordinal")
    three = copy(scores)
    three.configurations = {**scores.configurations, "ce": ordinal}
    told += [replace(one, verdict="undecided") for one in between(verdicts, "regression", "ce-sigmoid")]
    expected = "Which of regression, classification and ordinal is better is undecided in every score."
    assert answer(three, told) == expected


def test_claims_of_different_width_are_told_of_their_own_pairs(scores, verdicts):
    """Four scores of one pair generalise alike; those of another pair less."""
    wide = [replace(one, generalises_to="other splits, seeds and users") for one in between(verdicts, "regression", "ce")]
    narrow = [replace(one, generalises_to="other users, on this split") for one in between(verdicts, "regression", "ce-sigmoid")]
    (alone,) = _scope(scores, wide)
    assert alone.startswith("What is claimed holds for other splits, seeds and users of ")
    (both,) = _scope(scores, [*wide, *narrow])
    assert "What is claimed of regression against ce holds for other splits, seeds and users of " in both
    assert "What is claimed of regression against ce-sigmoid holds for other users, on this split of " in both


def test_added_predictions_of_one_split_are_no_training_of_which_there_is_one(scores, verdicts):
    few = [replace(one, caveats=("few seeds",)) for one in between(verdicts, "regression", "ce") if one.metric == "nll"]
    name = "elsewhere"
    added = copy(scores)
    records = [replace(one, external=True) for one in scores.configurations["ce"].records[:1]]
    added.configurations = {**scores.configurations, name: replace(scores.configurations["ce"], trials={5e-3: tuple(records)})}
    one_fit = replace(few[0], b=name, estimate=replace(few[0].estimate, n_seeds=1, n_fits=1), n=1)
    told = [[title for title, _ in _seeds(added, pairs)] for pairs in (few, [*few, one_fit])]
    assert told[0] == told[1]
    assert f"Each variant has {few[0].estimate.n_seeds} trainings" in told[0][0]


def test_trials_that_are_not_trained_are_counted_beside_added_ones(reported):
    """A record that no plan asked for, as 'bench add' makes, does not stand in for one that is missing."""
    plans = [{**plan, "trial_ids": plan["trial_ids"][1:]} for plan in reported.plans]
    grown = replace(reported, settings={**reported.settings, "plans": plans})
    assert len(grown.records) > len(grown.trial_ids)
    assert grown.untrained == []
    fewer = replace(reported, records=reported.records[1:])
    assert fewer.untrained == [reported.records[0].trial_id]


def test_a_primary_comparison_is_the_answer(scores, verdicts):
    (one,) = [one for one in between(verdicts, "regression", "ce") if one.metric == "nll"]
    first = replace(one, standing="primary", verdict="better", difference=-0.0212, low=-0.0301, high=-0.0123)
    rest = [other for other in verdicts if other is not one]
    assert answer(scores, [first, *rest]) == "Regression is better than ce in NLL on test by 0.0212 [0.0123, 0.0301]."
    assert that_matter(scores, [first, *rest]) == [first]


def test_baselines_are_no_part_of_the_answer(scores, verdicts):
    names = {name for one in that_matter(scores, verdicts) for name in (one.a, one.b)}
    assert names
    assert not names & {"constant", "bias"}


def test_a_bar_to_the_right_means_that_the_first_is_better_whichever_way_the_score_goes(scores, verdicts):
    forest = forest_of(scores, verdicts)
    assert {panel.better for panel in forest.panels} == {"higher", "lower"}
    by_place = {(one.a, one.b, one.metric): one for one in that_matter(scores, verdicts)}
    labels = {one.metric: panel.label for one, panel in zip(between(verdicts, "regression", "ce"), forest.panels, strict=True)}
    seen = 0
    for a, b, bars in forest.rows:
        for metric, panel, bar in zip(labels, forest.panels, bars, strict=True):
            one = by_place[a, b, metric]
            ahead = one.difference > 0 if panel.better == "higher" else one.difference < 0
            assert (bar.middle > 0.5) == ahead
            assert bar.low <= bar.middle <= bar.high
            assert (panel.region[1] - panel.region[0]) * panel.reach == pytest.approx(min(one.margin, panel.reach), abs=1e-4)
            seen += 1
    assert seen >= 10


def test_what_would_change_the_answer_comes_with_its_command(scores, verdicts):
    found = {code.title: code.text for code in changes(scores, verdicts).codes}
    edges = next(text for title, text in found.items() if title.startswith("A learning rate at an end of its grid"))
    assert "--learning-rates " in edges
    failed = next(title for title in found if "failed or cannot be read" in title)
    assert failed.startswith("1 of 62 trials")
    diverged, command = next((title, text) for title, text in found.items() if "diverged" in title)
    assert diverged.startswith("1 of 62 trials diverged (")
    rates = command.split("--learning-rates ")[1].split(" ")[0].split(",")
    assert len(rates) == 1 + len(
        {record.trial.learning_rate for record in scores.study.records if record.trial.learning_rate > 0}
    )
    assert next(text for title, text in found.items() if "share one split" in title).endswith("--splits 5")
    assert all(text.startswith("bench run ") for text in found.values())


def test_writing_a_report_tells_the_answer(reported, text):
    from bench.report import write_report

    told = []
    write_report(reported, tell=told.append)
    assert len(told) == 1
    assert told[0].split(" ")[0] in text
    assert text.split("## Answer\n\n")[1].split("\n")[0].replace("\\", "") == told[0]


def test_too_few_users_are_the_answer_and_no_seeds_are_asked_for(scores, verdicts):
    """With the users of a study taken for 3, nothing is claimed, and what mends it is more users."""
    few = [
        replace(one, verdict="undecided", withheld=("few users",), estimate=replace(one.estimate, effective_users=3.4))
        for one in verdicts
    ]
    said = "No verdict is given: the test ratings weigh as those of 3 users, and a verdict needs 10 or more."
    assert answer(scores, few) == said
    assert not any("holds for" in note for note in answered(scores, few).notes)
    assert any("holds for" in note for note in answered(scores, verdicts).notes)
    settings = scores.study.settings
    for n_users, mend in (
        (3, "Ratings of more users: of these alone, no number of splits and seeds gives a verdict."),
        (12, "More of the 12 users in test: other splits or more users may bring them."),
    ):
        of_few = copy(scores)
        of_few.study = replace(scores.study, settings={**settings, "data": {**settings["data"], "n_users": n_users + 1}})
        mends = [code.title for code in changes(of_few, few).codes]
        assert mends[0] == mend
        assert not any("seeds" in title or "split" in title for title in mends[1:])


def test_a_pair_with_enough_users_is_answered_beside_one_with_too_few(scores, verdicts):
    told = [replace(one, verdict="undecided") for one in between(verdicts, "regression", "ce")]
    few = [replace(one, verdict="undecided", withheld=("few users",)) for one in between(verdicts, "regression", "ce-sigmoid")]
    assert answer(scores, [*told, *few]) == "Whether regression or classification is better is undecided in every score."


@pytest.fixture(scope="module")
def text(reported):
    return (reported.path / "report.md").read_text()


def test_of_many_verdicts_the_clearest_of_each_score_are_told(verdicts):
    """Thirty of one pair in NLL and thirty in accuracy: the twelve of each with the smallest p, an unknown p last."""
    nll, accuracy = (next(one for one in verdicts if one.metric == name) for name in ("nll", "accuracy"))
    many = [replace(one, p=p) for p in (float("nan"), *(at / 100 for at in range(29, 0, -1))) for one in (nll, accuracy)]
    for name in ("nll", "accuracy"):
        assert [one.p for one in clearest(many) if one.metric == name] == [at / 100 for at in range(1, 13)]
    assert cut(many) == " Those with the smallest p follow, 12 of each score; all are in the table of pairs."
    assert clearest(many[:24]) == many[:24]
    assert not cut(many[:24])
