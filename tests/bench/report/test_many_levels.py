"""Scales of many levels: figures and tables name ratings, not numbers of levels, and stay readable."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from bench.comparison.gains import gains_of
from bench.comparison.scores import StudyScores
from bench.report import figures
from bench.report.chart_data import Confusion, chart_data
from bench.report.numbers import Spread
from bench.report.sections.behaviour import confusion as confusion_section
from bench.report.sections.provenance import data as data_section
from bench.study import HeldOut
from cfce.predictions import Prediction
from cfce.scale import RatingScale

SCALES = {
    "-5..5": (RatingScale(tuple(range(-5, 6))), [str(one) for one in range(-5, 6)]),
    "1..20": (RatingScale(tuple(range(1, 21))), [str(one) for one in range(1, 20, 2)]),
    "1..100": (RatingScale(tuple(range(1, 101))), [str(one) for one in range(1, 100, 10)]),
    "0.5..5": (RatingScale(tuple(one / 2 for one in range(1, 11))), ["0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4", "4.5", "5"]),
}


@pytest.mark.parametrize(("scale", "named"), SCALES.values(), ids=SCALES)
def test_the_axes_of_a_confusion_name_ratings_that_do_not_overlap(scale, named):
    labels = [scale.label(level) for level in range(scale.n_levels)]
    one = Confusion("ce", 0.05, 1, np.eye(len(labels)), (Spread.of([1.0]),), (0,) * len(labels), True)
    figure = figures.confusion(one, labels)
    figure.draw_without_rendering()
    for panel in figure.axes[:2]:
        assert [one.get_text() for one in panel.get_xticklabels()] == named
        assert [one.get_text() for one in panel.get_yticklabels()] == named
        places = [labels.index(one) + 0.5 for one in named]
        assert (panel.get_xticks() == places).all(), "a label stands at the middle of its column"
        boxes = [one.get_window_extent() for one in panel.get_xticklabels()]
        assert not any(left.overlaps(right) for left, right in pairwise(boxes))
    numbers = [one.get_text() for one in figure.axes[0].texts]
    assert len(numbers) == (len(labels) ** 2 if len(labels) <= 10 else 0)


@pytest.fixture(scope="module")
def scored(make_study, tmp_path_factory):
    """The scores of a study whose ratings 1 to 5 are told on the scale 1 to 100: 8, 28, 48, 68 and 88."""
    made = [make_study.MadeUp("constant", "baseline"), make_study.MadeUp("ce", "classification"), make_study.MadeUp("regression")]
    study = make_study(tmp_path_factory.mktemp("hundred") / "study", made, n=300)
    scale = SCALES["1..100"][0]
    wide = dataclasses.replace(
        study, settings={**study.settings, "data": {**study.settings["data"], "scale": list(scale.values)}}
    )

    def predictions(record):
        return {part: _stretched(held, scale) for part, held in study.predictions(record).items()}

    wide.predictions = predictions
    return StudyScores.of(wide)


def _stretched(held, scale):
    at = 20 * np.arange(5) + 7
    level, mass = at[held.level].astype(np.uint8), held.prediction.probabilities
    points = None if held.prediction.points is None else 20 * held.prediction.points - 12
    if mass is None:
        return HeldOut(held.part, held.user, held.item, level, Prediction(scale, points))
    wide = np.zeros((len(mass), 100), dtype=np.float32)
    wide[:, at] = mass
    return HeldOut(held.part, held.user, held.item, level, Prediction(scale, points, wide))


def test_recall_is_by_groups_of_levels_and_levels_that_never_come_are_runs(scored):
    """Ten columns; that of 1 to 10 is the share of the observed 8s that were predicted as 8, there being no other rating."""
    charts = chart_data(scored)
    (table,) = confusion_section(charts, {}).tables
    head = [one for one in table.head if one.startswith("recall of")]
    assert head == [f"recall of {low} to {low + 9}" for low in range(1, 101, 10)]
    one = next(one for one in charts.confusions if one.configuration == "ce")
    hits = [scored.parts[record.trial_id, "test"].confusion[7] for record in scored.study.ok if record.trial.variant == "ce"]
    assert one.recall[0].mean == pytest.approx(np.mean([row[7] / row.sum() for row in hits]))
    assert np.isnan(one.recall[1].mean), "11 to 20 were never observed"
    assert all(len(row) == len(table.head) for row in table.rows)


def test_gains_by_observed_rating_are_tenths_and_the_data_is_told_in_a_line(scored):
    groups = gains_of(scored, "ce", "regression", "rmse").groups["observed rating"]
    assert [group.label for group in groups] == ["8 to 28", "48", "68", "88"], "fewer than a tenth of the ratings are 8"
    assert "on the scale 1 to 100 in steps of 1" in data_section(scored).sentences[0]


def test_a_verdict_is_one_whatever_unit_the_score_is_told_in(scored):
    """RMSE is 99 times normalized RMSE on 1 to 100, and so are its margin, difference and interval: one verdict."""
    from bench.comparison.compare import compare

    for a, b in (("ce", "regression"), ("constant", "ce")):
        normalized, plain = (compare(scored, a, b, name) for name in ("normalized_rmse", "rmse"))
        assert plain.verdict == normalized.verdict
        for name in ("difference", "low", "high", "margin"):
            assert getattr(plain, name) == pytest.approx(99 * getattr(normalized, name))
