"""A score that is infinite on one split, as an NLL after a rating that was given probability 0: its variant never leads in it."""

import math
from dataclasses import replace

import pytest

from bench.comparison.scores import StudyScores
from bench.report.sections.best import best_of_each
from bench.report.sections.scores import leaderboard


@pytest.fixture
def tables(make_study, tmp_path):
    """Both tables of scores; 'ce' has the lower NLL wherever it is finite."""
    made = make_study.MadeUp
    variants = [made("regression", noise=0.9), made("ce", "classification", noise=0.1)]
    study = make_study(tmp_path / "s", variants, [(split, split, split) for split in range(4)])
    scores = StudyScores.of(study)
    key = next((one.trial_id, "test") for one in study.ok if (one.trial.variant, one.trial.split) == ("ce", 1))
    scores.parts[key] = replace(scores.parts[key], scores={**scores.parts[key].scores, "nll": math.inf})
    return leaderboard(scores).tables[0], best_of_each(scores).tables[0]


def test_the_mean_of_its_finite_scores_says_how_many_they_are_and_is_not_the_best(tables):
    table = tables[0]
    of_nll, of_rmse = ({row[0].text: row[table.head.index(label)] for row in table.rows} for label in ("NLL", "RMSE"))
    assert of_nll["ce"].value < of_nll["regression"].value
    assert of_nll["ce"].text.endswith(" (n = 3)")
    assert (of_nll["ce"].best, of_nll["regression"].best) == (False, True)
    assert (of_rmse["ce"].best, "n =" in of_rmse["ce"].text) == (True, False)


def test_nor_is_it_the_best_of_each(tables):
    best = {(row[0].text, row[1].text): row[4].best for row in tables[1].rows}
    assert (best["NLL", "ce"], best["NLL", "regression"]) == (False, True)
    assert (best["RPS", "ce"], best["RPS", "regression"]) == (True, False)
