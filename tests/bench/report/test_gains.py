"""Who gains: groups by hand, where one side is better for known users alone, and the section in a report."""

from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from bench.comparison.declared import Declared
from bench.comparison.gains import TIME, Gains, _groups, _tenths, _Weights, gains_of, pair_of
from bench.comparison.scores import StudyScores
from bench.plan.declared import Primary
from bench.report import write_report
from bench.report.sections.gains import gains, gains_figure
from cfce.metrics import METRICS


@pytest.fixture(scope="module")
def scores(tmp_path_factory, study_maker):
    return StudyScores.of(study_maker.make_study(tmp_path_factory.mktemp("gains") / "study", splits=2, seeds=2, troubles=False))


def test_tenths_are_about_equal_and_keep_equal_values_together():
    values = np.random.default_rng(0).integers(1, 200, 5000).astype(float)
    found = _tenths(values)
    assert (np.bincount(found) > 400).all()
    assert len(np.bincount(found)) == 10
    assert all(len(set(found[values == one])) == 1 for one in np.unique(values))


def test_a_group_has_the_mean_difference_of_its_ratings_and_an_interval_of_its_users():
    """Users 0 to 29 differ by -1 on average, 30 to 59 by nothing; the interval of a group of constants is that constant."""
    users = np.repeat(np.arange(60), 5)
    rng = np.random.default_rng(0)
    by_user = np.where(np.arange(60) < 30, -1 + 0.5 * rng.normal(size=60), 0.0)
    group = (users >= 30).astype(int)
    first, second = _groups(group, group.astype(float), users, by_user[users], _Weights(60))
    assert first.difference == pytest.approx(by_user[:30].mean())
    assert (first.n, first.n_users) == (150, 30)
    spread = by_user[:30].std() / np.sqrt(30)
    assert (first.high - first.low) / (2 * 1.96 * spread) == pytest.approx(1, abs=0.15), "users, not ratings, are resampled"
    assert (second.difference, second.low, second.high) == (0, 0, 0)


def test_every_rating_is_in_one_group_of_each_kind(scores):
    found = gains_of(scores, "ce", "regression", "nll")
    for groups in found.groups.values():
        whole = sum(group.difference * group.n for group in groups) / sum(group.n for group in groups)
        assert np.isfinite(whole)
        assert sum(group.n for group in groups) == 2 * 600
    assert [group.label for group in found.groups["observed rating"]] == ["1", "2", "3", "4", "5"]


def test_one_rate_gives_the_difference_of_the_table_of_results(tmp_path, study_maker):
    """With one rate nothing is chosen: the mean of the trials' scores is that of the groups."""
    study = study_maker.make_study(tmp_path / "study", learning_rates=(0.01,), splits=2, seeds=2, troubles=False)
    found = gains_of(StudyScores.of(study), "ce", "regression", "nll")
    means = StudyScores.of(study).results.groupby("variant")["test_nll"].mean()
    for groups in found.groups.values():
        whole = sum(group.difference * group.n for group in groups) / sum(group.n for group in groups)
        assert whole == pytest.approx(means["ce"] - means["regression"], abs=1e-6)


def test_a_group_of_one_user_has_no_interval_and_a_hollow_mark():
    """Users 0 and 1 rate 1; user 2 alone rates 2, three times: what is resampled is users, and there is no other."""
    users, level = np.array([0, 0, 1, 2, 2, 2]), np.array([0, 0, 0, 1, 1, 1])
    groups = _groups(level, level + 1.0, users, np.array([0.1, 0.3, 0.5, 1.0, 1.2, 1.4]), _Weights(3))
    both, alone = groups
    assert (both.low, both.high) == pytest.approx((0.2, 0.5)), "the means of user 0 alone and of user 1 alone"
    assert (alone.difference, alone.n, alone.n_users) == (pytest.approx(1.2), 3, 1)
    assert np.isnan([alone.low, alone.high]).all()
    found = Gains("ce", "regression", "nll", {"observed rating": groups}, ())
    (table, _) = gains(found, "test", ()).tables
    assert [row[4].text for row in table.rows][1] == "+1.2000 [–] of one user"
    assert "Of 1 intervals" in gains(found, "test", ()).sentences[0]
    panel = gains_figure(found).axes[0]
    hollow = [line.get_xydata().tolist() for line in panel.lines if line.get_mfc() == "white"]
    assert hollow == [[[1.0, pytest.approx(1.2)]]]
    assert [len(bars.get_segments()) for bars in panel.collections] == [1], "an interval of the other group alone"


def test_data_of_one_user_have_no_interval_at_all():
    level = np.array([0, 0, 1])
    groups = _groups(level, level + 1.0, np.zeros(3, int), np.array([0.1, 0.3, 0.5]), _Weights(1))
    found = Gains("ce", "regression", "nll", {"observed rating": groups}, ())
    section = gains(found, "test", ())
    assert "there are no intervals" in section.sentences[0]
    assert "by chance" not in section.sentences[0]
    assert [row[4].text for row in section.tables[0].rows] == ["+0.2000 [–] of one user", "+0.5000 [–] of one user"]
    assert not any(bars.get_segments() for bars in gains_figure(found).axes[0].collections)


def test_examples_are_the_ratings_that_differ_most(scores):
    found = gains_of(scores, "ce", "regression", "nll")
    gaps = [one.loss_a - one.loss_b for one in found.examples]
    assert len(gaps) == 6
    assert max(gaps[:3]) < 0 < min(gaps[3:])
    assert gains_of(scores, "ce", "ce-sigmoid", "qwk") is None, "no loss of each rating"


def test_ratings_with_timestamps_are_grouped_by_tenths_of_time(tmp_path, study_maker):
    """One rating an hour from 1 January 2000: of 600 in each of two splits the first tenth are the hours 0 to 59."""
    study = study_maker.make_study(
        tmp_path / "study", learning_rates=(0.01,), splits=2, seeds=1, troubles=False, timed=True, variants=("ce", "regression")
    )
    found = gains_of(StudyScores.of(study), "ce", "regression", "nll")
    assert [group.n for group in found.groups[TIME]] == [120] * 10
    assert [group.label for group in found.groups[TIME]][:2] == ["2000-01-01 to 2000-01-03", "2000-01-03 to 2000-01-05"]
    by_hand = []
    for record in study.ok:
        held = study.predictions(record)["test"]
        first = held.time < 946_684_800 + 60 * 3600
        sign = 1 if record.trial.variant == "ce" else -1
        by_hand.append(sign * METRICS["rmse"].loss(held.prediction, held.level)[first].mean())
    of_squares = gains_of(StudyScores.of(study), "ce", "regression", "rmse")
    assert of_squares.groups[TIME][0].difference == pytest.approx(np.sum(by_hand) / 2)
    assert write_report(study) == []
    text = (study.path / "report.md").read_text()
    assert "| time of the rating | 2000-01-01 to 2000-01-03 |" in text
    assert "shown as days (UTC)" in text


@pytest.mark.parametrize("metric", ["nll", "accuracy"])
def test_the_first_examples_are_those_where_the_first_is_better(scores, metric):
    found = gains_of(scores, "ce", "regression", metric).examples
    gains = [METRICS[metric].gain(one.loss_a - one.loss_b) for one in found]
    assert gains[0] > 0 > gains[-1]
    assert gains[: len(gains) // 2] == sorted(gains[: len(gains) // 2], reverse=True)


def test_without_timestamps_nothing_is_grouped_by_time(scores):
    assert TIME not in gains_of(scores, "ce", "regression", "nll").groups


def test_the_pair_is_the_primary_one_or_the_best_of_two_families(scores):
    primary = Declared((Primary("ce-sigmoid", "bias", "rps"),))
    assert pair_of(scores, primary) == ("ce-sigmoid", "bias", "rps")
    a, b, name = pair_of(scores, Declared())
    assert (scores.configurations[a].family, scores.configurations[b].family, name) == ("classification", "regression", "nll")


def test_the_pair_shares_its_device_where_it_can(scores):
    """Two devices with the same scores: by name alone the best classifier would be of one, the best regression of the other."""

    def on(device, name, label):
        of = scores.configurations[name]
        moved = {
            rate: tuple(replace(one, trial=replace(one.trial, device=device)) for one in records)
            for rate, records in of.trials.items()
        }
        return label, replace(of, name=label, trials=moved)

    both = [("cpu", "b", "a"), ("cuda", "a", "b")]
    found = dict(
        one
        for device, first, second in both
        for one in (on(device, "ce", f"{first} classifier"), on(device, "regression", f"{second} regression"))
    )
    two = copy(scores)
    two.configurations, two.choices = found, {}
    a, b, _ = pair_of(two, Declared())
    assert {found[name].records[0].trial.device for name in (a, b)} == {"cuda"}
    assert a == "a classifier"


def test_the_report_has_the_section_and_its_figure(scores):
    assert write_report(scores.study) == []
    text = (scores.study.path / "report.md").read_text()
    assert "## Who gains" in text
    assert "| user's activity" in text
    assert (scores.study.path / "figures" / "gains.png").exists()
