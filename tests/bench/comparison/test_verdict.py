import math
from dataclasses import astuple

import numpy as np
import pytest

from bench.comparison.choice import choose
from bench.comparison.compare import compare, compare_all, told_from
from bench.comparison.margin import margin_of
from bench.comparison.scores import StudyScores
from bench.comparison.user_bootstrap import UserBootstrap, draw_weights
from bench.statistics import holm
from cfce.errors import UserError
from cfce.metrics import METRICS
from cfce.scale import RatingScale

DRAWS = [(one, one, one) for one in range(6)]


@pytest.fixture(scope="module")
def scores(make_study, tmp_path_factory):
    """Two equal variants under two names, a worse one, and one whose better learning rate once diverged."""
    made = make_study.MadeUp
    study = make_study(
        tmp_path_factory.mktemp("study"),
        [
            made("constant", "baseline"),
            made("ce", "classification", 5e-3, 0.2, tag=1),
            made("ce", "classification", 0.1, 0.9, tag=1),
            made("twin", "classification", 5e-3, 0.2, tag=2),
            made("worse", "classification", 5e-3, 0.9, tag=3),
        ],
        DRAWS,
    )
    return StudyScores.of(study)


def test_a_clear_difference_is_told_with_its_sign_interval_and_n(scores):
    found = compare(scores, "worse", "ce", "normalized_rmse")
    assert found.verdict == "worse"
    assert 0 < found.low < found.difference < found.high
    assert (found.n, found.n_splits, found.n_pairs) == (6, 6, 6)
    assert found.p <= found.p_holm < 0.05
    decimals = 1 - math.floor(math.log10((found.high - found.low) / 2))  # two digits of half the interval's width
    size = f"{found.difference:.{decimals}f}"
    assert found.text.startswith(f"worse is worse than ce in normalized RMSE on test by {size} (95 % interval ")
    assert "6 splits, Holm p" in found.text


def test_the_difference_is_the_mean_over_pairs_of_the_test_scores_in_the_table(scores):
    frame = scores.results.set_index(["variant", "learning_rate", "split"]).test_nll
    by_hand = np.mean([frame["worse", 5e-3, one] - frame["ce", 5e-3, one] for one in range(6)])
    assert compare(scores, "worse", "ce", "nll").difference == pytest.approx(by_hand)


def test_the_other_side_is_told_the_same(scores):
    one, other = compare(scores, "ce", "worse", "rps"), compare(scores, "worse", "ce", "rps")
    assert (one.verdict, other.verdict) == ("better", "worse")
    assert (one.low, one.high) == (-other.high, -other.low)
    assert one.text.startswith("ce is better than worse")
    assert other.text.startswith("worse is worse than ce")
    assert told_from(told_from(one)) == one


def test_higher_is_better_for_accuracy(scores):
    found = compare(scores, "ce", "worse", "accuracy")
    assert found.difference > 0
    assert found.verdict in ("better", "undecided")


def test_twins_are_never_called_better_or_worse_and_what_would_decide_is_named(scores):
    for metric in ("normalized_rmse", "accuracy", "nll", "rps"):
        found = compare(scores, "ce", "twin", metric)
        assert found.verdict in ("undecided", "equivalent")
        if found.verdict == "undecided":
            ahead = "ce" if (found.difference > 0) == (metric == "accuracy") else "twin"
            assert found.text.startswith(
                f"Undecided between ce and twin in {METRICS[metric].label} on test: {ahead} is ahead by "
            )
            assert (found.further_seeds is None) == ("more seeds would not decide it" in found.text)


def test_a_wide_margin_makes_twins_equivalent(scores):
    found = compare(scores, "ce", "twin", "nll", {"nll": 0.5})
    assert found.verdict == "equivalent"
    assert "within the 0.5 that counts as no difference in practice" in found.text


def test_a_table_holds_every_pair_once_and_its_p_values_are_holms(scores):
    table = compare_all(scores)
    assert [(one.a, one.b) for one in table if one.metric == "nll"] == [
        ("constant", "ce"),
        ("constant", "twin"),
        ("constant", "worse"),
        ("ce", "twin"),
        ("ce", "worse"),
        ("twin", "worse"),
    ]
    np.testing.assert_allclose([one.p_holm for one in table], holm([one.p for one in table]))
    assert astuple(compare(scores, "ce", "twin", "normalized_rmse")) == astuple(table[3])  # NaN is itself in a tuple
    assert compare(scores, "ce", "worse", "mae").metric == "mae"  # beside the table's own scores


def test_the_learning_rate_is_chosen_on_valid_for_each_score(scores):
    choice = choose(scores, scores.configurations["ce"], METRICS["nll"])
    frame = scores.results[lambda one: one.variant == "ce"].groupby("learning_rate")
    assert choice.learning_rate == frame.valid_nll.mean().idxmin()
    assert choice.best_learning_rate == frame.test_nll.mean().idxmin()
    assert choice.cost == pytest.approx(choice.evaluation_score - frame.test_nll.mean().min())
    assert choice.cost >= 0
    accuracy = choose(scores, scores.configurations["ce"], METRICS["accuracy"])
    assert accuracy.learning_rate == frame.valid_accuracy.mean().idxmax()


def test_a_learning_rate_that_diverged_once_is_left_out_of_the_choice(make_study, tmp_path):
    import json

    from bench.study.files import read_json, write_json

    made = make_study.MadeUp
    study = make_study(tmp_path, [made("ce", "classification", 5e-3, 0.9), made("ce", "classification", 0.1, 0.1)], DRAWS[:2])
    path = tmp_path / "trials" / f"{study.ok[1].trial_id}.json"
    write_json(path, {**read_json(path), "status": "diverged", "reason": "the loss is nan"})
    assert json.loads(path.read_text())["status"] == "diverged"
    from bench.study import load_study

    scores = StudyScores.of(load_study(tmp_path))
    choice = choose(scores, scores.configurations["ce"], METRICS["nll"])
    assert (choice.learning_rate, choice.left_out, choice.n) == (5e-3, (0.1,), 2)


def test_one_seed_is_undecided_whatever_the_difference(make_study, tmp_path):
    made = make_study.MadeUp
    study = make_study(tmp_path, [made("ce", "classification"), made("worse", "classification", noise=2.0, tag=1)], DRAWS[:1])
    found = compare(StudyScores.of(study), "ce", "worse", "nll")
    assert (found.verdict, found.n, found.withheld[0]) == ("undecided", 1, "one unit")
    assert np.isnan([found.low, found.high, found.p]).all()
    assert "in one seed, which says nothing of the next" in found.text


def test_seeds_of_one_split_are_the_units_and_seeds_of_several_are_averaged_within(make_study, tmp_path):
    made = make_study.MadeUp
    both = [made("ce", "classification"), made("worse", "classification", noise=0.9, tag=1), made("constant", "baseline")]
    single = StudyScores.of(make_study(tmp_path / "one", both, [(0, 0, 0), (0, 1, 1), (0, 2, 2)]))
    found = compare(single, "ce", "worse", "nll")
    assert (found.n, found.n_splits, found.n_pairs) == (3, 1, 3)
    assert "3 seeds on one split" in found.text
    crossed = StudyScores.of(make_study(tmp_path / "two", both, [(0, 0, 0), (0, 1, 1), (1, 0, 0), (1, 1, 1)]))
    found = compare(crossed, "ce", "worse", "nll")
    assert (found.n, found.n_splits, found.n_pairs) == (2, 2, 4)


def test_claims_on_valid_say_that_the_learning_rate_was_chosen_there(make_study, tmp_path):
    made = make_study.MadeUp
    configurations = [made("ce", "classification"), made("ce", "classification", 0.1, tag=1), made("regression", noise=0.8)]
    scores = StudyScores.of(make_study(tmp_path, configurations, DRAWS[:3], protocol="random-80-20"))
    text = compare(scores, "ce", "regression", "nll").text
    assert "on valid" in text
    assert "the learning rate was chosen on the same ratings" in text


@pytest.fixture(scope="module")
def crossed(make_study, tmp_path_factory):
    """Two variants over 4 splits by 5 seeds; 'noisy' is worse alone, but its noise averages out over seeds."""
    made = make_study.MadeUp
    draws = [(split, seed, seed) for split in range(4) for seed in range(5)]
    study = make_study(
        tmp_path_factory.mktemp("crossed"),
        [made("quiet", "regression", 5e-3, 0.3, tag=1), made("noisy", "classification", 5e-3, 0.9, tag=2)],
        draws,
    )
    return StudyScores.of(study)


def test_seed_ensembles_are_compared_among_themselves_one_a_split(crossed):
    table = compare_all(crossed, crossed.ensemble_configurations)
    assert {(one.a, one.b) for one in table} == {("quiet, seed ensemble", "noisy, seed ensemble")}
    assert {(one.n, one.n_splits, one.n_pairs) for one in table} == {(4, 4, 4)}
    assert [one.p_holm for one in table] == pytest.approx(holm([one.p for one in table]))
    found = compare(crossed, "noisy, seed ensemble", "quiet, seed ensemble", "normalized_rmse")
    rows = crossed.ensemble_results.set_index(["configuration", "split"]).test_normalized_rmse
    assert found.difference == pytest.approx(np.mean([rows["noisy", one] - rows["quiet", one] for one in range(4)]))
    alone = compare(crossed, "noisy", "quiet", "normalized_rmse")
    assert found.difference < alone.difference / 2


def test_an_ensemble_of_the_few_that_were_left_is_not_compared_with_one_of_all(make_study, tmp_path):
    """At 0.1 the predictions of three seeds in five cannot be read: two are no match for five, however good they are."""
    made = make_study.MadeUp
    draws = [(split, seed, seed) for split in range(2) for seed in range(5)]
    study = make_study(
        tmp_path / "study", [made("one", noise=0.9), made("one", learning_rate=0.1, noise=0.1), made("two", tag=1)], draws
    )
    for record in study.records:
        if record.trial.learning_rate == 0.1 and record.trial.seed > 1:
            (study.path / "predictions" / f"{record.trial_id}.parquet").unlink()
    scores = StudyScores.of(study)
    assert sorted({one.n for one in scores.ensembles if one.configuration == "one"}) == [2, 5]
    assert {one.learning_rate_a for one in compare_all(scores, scores.ensemble_configurations)} == {5e-3}


def test_a_model_that_is_called_as_an_ensemble_is_another_configuration(make_study, tmp_path):
    made = make_study.MadeUp
    names = ("ce", "ce, seed ensemble", "regression")
    study = make_study(
        tmp_path / "study", [made(name, tag=at) for at, name in enumerate(names)], [(s, r, r) for s in range(2) for r in range(2)]
    )
    scores = StudyScores.of(study)
    assert set(scores.ensemble_configurations) == {
        "ce, seed ensemble'",
        "ce, seed ensemble, seed ensemble",
        "regression, seed ensemble",
    }
    assert len(compare_all(scores, scores.ensemble_configurations, ["nll"])) == 3
    assert not any(one.of_ensembles for one in compare_all(scores, metrics=["nll"]))


def test_one_split_of_ensembles_is_told_as_one_split(make_study, tmp_path):
    made = make_study.MadeUp
    study = make_study(tmp_path / "study", [made("one"), made("two", tag=1)], [(0, 0, 0), (0, 1, 1)])
    scores = StudyScores.of(study)
    (found,) = compare_all(scores, scores.ensemble_configurations, ["nll"])
    assert "but in one split, which says nothing of the next" in found.text


def test_an_ensemble_and_single_trainings_are_not_compared(crossed):
    with pytest.raises(UserError, match="a seed ensemble and single trainings; compare two of one kind"):
        compare(crossed, "noisy, seed ensemble", "quiet")


def test_a_study_without_two_trials_of_a_split_has_no_ensembles_to_compare(scores):
    assert scores.ensemble_configurations == {}
    assert compare_all(scores, scores.ensemble_configurations) == []


def test_the_bootstrap_draws_the_same_users_in_every_split(scores):
    """By hand for one replicate: the weighted mean over the drawn users' ratings of that split."""
    bootstrap = UserBootstrap(scores, n_replicates=50, seed=3)
    trials = [(record.trial.split, record.trial_id) for record in scores.configurations["ce"].trials[5e-3]]
    drawn = bootstrap.replicates(METRICS["rmse"], trials)
    from cfce.seeds import stream

    weights = draw_weights(len(scores.user_ids), 50, stream(3, "users"))
    for column, (split, trial_id) in enumerate(trials):
        users = scores.users[split]
        own = weights[7, users.index]
        mean = (own * scores.user_sums(trial_id, METRICS["rmse"])).sum() / (own * users.counts).sum()
        assert drawn[7, column] == pytest.approx(np.sqrt(mean), rel=1e-5)
    assert (weights.sum(axis=1) == len(scores.user_ids)).all()


def test_bad_names_and_margins_are_refused(scores):
    with pytest.raises(UserError, match="unknown variant 'twins' \\(did you mean 'twin'\\?\\)"):
        compare(scores, "ce", "twins")
    with pytest.raises(UserError, match="unknown metric 'acc'"):
        compare(scores, "ce", "twin", "acc")
    with pytest.raises(UserError, match="'ce' came twice"):
        compare(scores, "ce", "ce")
    with pytest.raises(UserError, match="margin -1 came for NLL"):
        margin_of(METRICS["nll"], RatingScale((1, 2, 3, 4, 5)), {"nll": -1})


def test_a_study_in_a_notebook_compares_and_shows_itself(scores):
    study = scores.study
    assert study.compare("ce", "worse", metric="nll").verdict == "better"
    assert len(study.trials) == 30
    html = study._repr_html_()
    assert "30 ok, of 30 planned" in html
    study.settings["variants"]["<script>"] = {}
    assert "<script>" not in study._repr_html_()


def test_a_study_in_a_notebook_draws_itself(scores):
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    study = scores.study
    figures = [study.plot_learning_rates(), study.plot_learning_curves(), study.plot_reliability(), study.plot_confusion("ce")]
    assert all(figure.axes for figure in figures)
    with pytest.raises(UserError, match="unknown variant 'c'"):
        study.plot_confusion("c")
    plt.close("all")
