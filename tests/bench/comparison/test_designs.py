"""What a study's design and its losses make of its verdicts: seeds, orders, lost trainings, declared comparisons."""

import re
from dataclasses import replace

import numpy as np
import pytest

from bench.comparison.choice import choose
from bench.comparison.compare import compare, compare_all
from bench.comparison.declared import Declared, declared_by_flags, declared_in
from bench.comparison.notes import declarations, notes_of
from bench.comparison.scores import StudyScores
from bench.plan.declared import Primary, check_declared, read_primary
from bench.statistics import Reachable, holm
from bench.study import load_study
from bench.study.files import read_json, write_json
from cfce.errors import UserError
from cfce.metrics import METRICS

NESTED = [(one, one, one) for one in range(6)]


def _lose(study, variant, n, rate=5e-3):
    """The study with the first n trainings of a variant diverged."""
    lost = [one for one in study.ok if one.trial.variant == variant and one.trial.learning_rate == rate][:n]
    for record in lost:
        path = study.path / "trials" / f"{record.trial_id}.json"
        write_json(path, {**read_json(path), "status": "diverged", "reason": "the loss is nan"})
    return load_study(study.path)


@pytest.fixture
def twins(make_study, tmp_path):
    """A good variant, a bad one, and the constant, over six splits with a seed each."""
    made = make_study.MadeUp
    both = [
        made("good", "classification", noise=0.2),
        made("bad", "classification", noise=0.9, tag=1),
        made("constant", "baseline"),
    ]
    return make_study(tmp_path / "study", both, NESTED)


def test_one_seed_in_every_split_withholds_the_verdict_and_says_what_to_do(make_study, tmp_path):
    made = make_study.MadeUp
    study = make_study(tmp_path, [made("good", noise=0.2), made("bad", noise=0.9, tag=1)], [(one, 0, 0) for one in range(6)])
    found = compare(StudyScores.of(study), "good", "bad", "nll")
    assert (found.verdict, found.withheld) == ("undecided", ("one shared seed",))
    assert found.generalises_to == "other splits and users, with this seed"
    assert "every split has the same seed and other seeds may turn it: run more seeds" in found.text


def test_the_one_fit_of_a_variant_with_seeds_is_not_compared_with_the_seeds_of_another(make_study, tmp_path):
    """A study that grew unevenly: six seeds of one variant, of another only the first. Five differences would be of one seed."""
    made = make_study.MadeUp
    many, few, baseline = made("many", noise=0.2), made("few", noise=0.9, tag=1), made("bias", "baseline")
    study = make_study(tmp_path, [many, few, baseline], [(0, seed, seed) for seed in range(6)])
    kept = [one for one in study.records if one.trial.variant == "many" or one.trial.seed == 0]
    scores = StudyScores.of(replace(study, records=tuple(kept)))
    found = compare(scores, "many", "few", "nll")
    assert (found.n_pairs, found.withheld) == (1, ("one unit",))
    assert compare(scores, "many", "bias", "nll").n_pairs == 6, "a baseline has no seed"


def test_a_seed_in_every_split_beside_others_of_their_own_withholds_nothing(make_study, tmp_path):
    """What the advice to run more seeds leads to: the first seed stays in every split, and each split has two more."""
    made = make_study.MadeUp
    cells = [(split, seed, seed) for split in range(5) for seed in (0, 10 + 2 * split, 11 + 2 * split)]
    study = make_study(tmp_path, [made("good", noise=0.2), made("bad", noise=0.9, tag=1)], cells)
    found = compare(StudyScores.of(study), "good", "bad", "nll")
    assert (found.verdict, found.withheld) == ("better", ())
    assert found.generalises_to == "other splits, seeds and users"
    assert "5 splits with 15 pairs of 11 seeds, 1 in several splits" in found.text


def test_seed_ensembles_of_different_sizes_have_no_verdict(make_study, tmp_path):
    made = make_study.MadeUp
    cells = [(split, 10 * split + seed, 0) for split in range(4) for seed in range(4)]
    study = make_study(tmp_path, [made("six", noise=0.2), made("two", noise=0.9, tag=1)], cells)
    kept = [one for one in study.records if one.trial.variant == "six" or one.trial.seed % 10 < 2]
    scores = StudyScores.of(replace(study, records=tuple(kept)))
    (found,) = compare_all(scores, scores.ensemble_configurations, ["nll"])
    assert (found.verdict, found.withheld) == ("undecided", ("unequal ensembles",))
    assert "six, seed ensemble of 4 trainings and two, seed ensemble of 2 trainings, and the mean of more is better" in found.text
    whole = StudyScores.of(study)
    assert compare_all(whole, whole.ensemble_configurations, ["nll"])[0].withheld == ()


def test_a_claim_is_as_wide_as_the_design(make_study, tmp_path, twins):
    made = make_study.MadeUp
    assert compare(StudyScores.of(twins), "good", "bad", "nll").generalises_to == "other splits, seeds and users"
    one = make_study(tmp_path / "one", [made("good"), made("bad", tag=1)], [(0, seed, seed) for seed in range(4)])
    assert compare(StudyScores.of(one), "good", "bad", "nll").generalises_to == "other seeds and users, on this split"
    crossed = make_study(tmp_path / "two", [made("good"), made("bad", tag=1)], [(a, b, b) for a in range(3) for b in range(2)])
    found = compare(StudyScores.of(crossed), "good", "bad", "nll")
    assert (found.generalises_to, found.estimate.n_shared_seeds) == ("other splits, seeds and users", 2)
    assert "3 splits with 6 pairs of 2 shared seeds" in found.text


def test_orders_of_one_seed_are_averaged_before_they_are_compared(make_study, tmp_path):
    made = make_study.MadeUp
    study = make_study(
        tmp_path, [made("good"), made("bad", tag=1)], [(0, seed, order) for seed in range(3) for order in range(2)]
    )
    scores = StudyScores.of(study)
    found = compare(scores, "good", "bad", "nll")
    assert (found.n, found.n_pairs) == (3, 3)
    rows = scores.results.groupby(["variant", "seed"]).test_nll.mean()
    assert found.difference == pytest.approx((rows["good"] - rows["bad"]).mean())


def test_each_fit_is_at_the_rate_that_the_others_chose(make_study, tmp_path):
    """At 0.1 the first seed is lucky on valid and test: the others do not choose 0.1, and it is not scored there."""
    made = make_study.MadeUp
    rates = [made("ce", "classification", 5e-3, 0.5), made("ce", "classification", 0.1, 0.6, tag=1)]
    scores = StudyScores.of(make_study(tmp_path, [*rates, made("other", noise=0.4, tag=2)], NESTED))
    lucky = next(one for one in scores.configurations["ce"].trials[0.1] if one.trial.split == 0)
    for part in ("valid", "test"):
        found = scores.parts[lucky.trial_id, part]
        scores.parts[lucky.trial_id, part] = replace(found, scores={**found.scores, "nll": 0.1})
    choice = choose(scores, scores.configurations["ce"], METRICS["nll"])
    assert choice.learning_rate == 0.1  # what all choose together
    assert [fit.learning_rate for fit in choice.fits if fit.split == 0] == [5e-3]
    assert {fit.learning_rate for fit in choice.fits if fit.split} == {0.1}
    frame = scores.results.set_index(["variant", "learning_rate", "split"]).test_nll
    by_hand = [frame["ce", 5e-3 if split == 0 else 0.1, split] for split in range(6)]
    assert choice.evaluation_score == pytest.approx(np.mean(by_hand))
    assert choice.optimism == pytest.approx(np.mean(by_hand) - np.mean([frame["ce", 0.1, split] for split in range(6)]))
    found = compare(scores, "ce", "other", "nll")
    assert found.sides[0].chosen == ((0.1, 5), (5e-3, 1))
    assert found.sides[0].optimism == choice.optimism > 0


def test_lost_trainings_withhold_a_verdict_and_the_constant_stands_in_for_them(twins):
    before = compare(StudyScores.of(twins), "good", "bad", "nll")
    assert before.verdict == "better"
    scores = StudyScores.of(_lose(twins, "good", 1))
    found = compare(scores, "good", "bad", "nll")
    assert (found.verdict, found.withheld) == ("undecided", ("lost trainings",))
    assert "no verdict is given, as 1 of 6 trainings of good was lost and the survivors may be the lucky ones" in found.text
    assert found.posterior is None  # no certainty of survivors
    assert (found.sides[0].lost, found.sides[0].total, found.n_pairs) == (1, 6, 5)
    frame = scores.results.set_index(["variant", "split"]).test_nll
    left = [split for split in range(6) if np.isfinite(frame["good", split])]
    (gone,) = set(range(6)) - set(left)
    by_hand = [frame["good", one] - frame["bad", one] for one in left] + [frame["constant", gone] - frame["bad", gone]]
    assert found.imputed.difference == pytest.approx(np.mean(by_hand))
    said = re.search(r"with each lost training scored as the constant, good minus bad is ([-+.\d]+)", found.text)
    assert float(said[1]) == pytest.approx(np.mean(by_hand), abs=5e-4)


def test_few_losses_are_said_beside_a_verdict(make_study, tmp_path):
    made = make_study.MadeUp
    both = [
        made("good", "classification", noise=0.2),
        made("bad", "classification", noise=0.9, tag=1),
        made("constant", "baseline"),
    ]
    study = _lose(make_study(tmp_path / "study", both, [(one, one, one) for one in range(24)], n=120), "bad", 1)
    found = compare(StudyScores.of(study), "good", "bad", "nll")
    assert found.verdict == "better"
    assert "lost trainings" in found.caveats
    assert "Caution: 1 of 24 trainings of bad was lost; with each lost training scored as the constant" in found.text


def test_two_classifiers_have_no_second_row_of_accuracy(twins):
    scores = StudyScores.of(twins)
    table = compare_all(scores)
    assert not [one for one in table if one.metric == "mode_accuracy" and {one.a, one.b} == {"good", "bad"}]
    accuracy, mode = (compare(scores, "good", "bad", name) for name in ("accuracy", "mode_accuracy"))
    assert (mode.metric, mode.difference, mode.p_holm) == ("mode_accuracy", accuracy.difference, accuracy.p_holm)
    assert "in accuracy of the mode on test" in mode.text


def test_a_primary_comparison_is_corrected_alone_and_stands_first(twins):
    scores = StudyScores.of(twins)
    declared = Declared((Primary("bad", "good", "rps"),))
    table = compare_all(scores, declared=declared)
    first, *others = table
    assert (first.metric, {first.a, first.b}, first.standing) == ("rps", {"good", "bad"}, "primary")
    assert first.p_holm == first.p
    assert "primary p" in first.text
    assert {one.standing for one in others} == {"exploratory"}
    np.testing.assert_allclose([one.p_holm for one in others], holm([one.p for one in others]))
    (said,) = (note for note in notes_of(table, declared) if "primary" in note.lower())
    assert said.startswith("The primary comparison: bad against good in RPS, corrected alone. All others are exploratory")


@pytest.mark.parametrize("metric", ["rmse", "mode_accuracy"])
def test_a_primary_comparison_may_be_on_a_score_that_the_table_leaves_out(twins, metric):
    """RMSE is not among the scores of verdicts, and of two classifiers accuracy of the mode says what accuracy says."""
    scores = StudyScores.of(twins)
    table = compare_all(scores, declared=Declared((Primary("good", "bad", metric),)))
    assert (table[0].metric, table[0].standing, table[0].p_holm) == (metric, "primary", table[0].p)
    usual = compare_all(scores)
    assert [one.p_holm for one in table[1:]] == [one.p_holm for one in usual], "the others are corrected as before"


def test_against_a_reference_only_pairs_with_it_are_compared(twins):
    table = compare_all(StudyScores.of(twins), declared=Declared(reference="constant"))
    assert {frozenset((one.a, one.b)) for one in table} == {frozenset(("good", "constant")), frozenset(("bad", "constant"))}
    with pytest.raises(UserError, match="'good' and 'bad' are not compared, as the reference is 'constant'; pass --reference"):
        compare(StudyScores.of(twins), "good", "bad", "nll", declared=Declared(reference="constant"))


def test_a_summary_has_no_verdicts(twins):
    with pytest.raises(UserError, match="QWK is no mean over ratings, so it has no verdicts; compare on nll"):
        compare(StudyScores.of(twins), "good", "bad", "qwk")


def test_plans_declare_and_later_ones_late():
    plans = [{"plan": {"primary": "ce,regression:nll"}}, {"plan": {"primary": "ce,regression:rps", "reference": "ce"}}]
    found = declared_in(plans, ["ce", "regression"])
    assert found.primary == (Primary("ce", "regression", "nll"), Primary("ce", "regression", "rps"))
    assert found.late == found.primary[1:]
    assert found.reference == "ce"
    gone = declared_in(plans, ["ce", "other"])
    assert gone.primary == ()
    assert "the primary comparison ce,regression:nll of a plan is not in this table" in gone.unknown_primary[0]


def test_a_reference_is_kept_where_the_primary_of_its_plan_is_gone_and_a_flag_replaces_what_is_unknown():
    names = ["a (bootstrap)", "b"]
    assert declared_in([{"plan": {"primary": "x,y:nll", "reference": "b"}}], names).reference == "b"
    of_plans = declared_in([{"plan": {"reference": "a"}}], names)
    assert declarations(of_plans) == ["The reference 'a' of a plan is not in this table; every pair is compared."]
    (said,) = declarations(declared_by_flags(None, "a (bootstrap)", of_plans, names))
    assert said.startswith("Everything is compared with a (bootstrap) alone")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ce:nll", "--primary ce:nll came; it is A,B:SCORE, such as ce,regression:nll"),
        ("ce,regresion:nll", "unknown variant 'regresion' .did you mean 'regression'"),
        ("ce,regression:nl", "unknown metric 'nl'"),
        ("ce,ce:nll", "name two different variants"),
        ("ce,regression:qwk", "QWK has no verdicts"),
    ],
)
def test_a_primary_comparison_that_cannot_be_is_refused(text, message):
    with pytest.raises(UserError, match=message):
        read_primary(text, ["ce", "regression"])
    with pytest.raises(UserError, match=message):
        check_declared(text, None, ["ce", "regression"])


def test_a_plan_may_name_a_configuration_of_its_variants():
    check_declared("ce (bootstrap),ce (permutation):nll", "regression", ["ce", "regression"])
    with pytest.raises(UserError, match="unknown variant 'svd'"):
        check_declared(None, "svd", ["ce", "regression"])


def test_a_name_with_a_comma_can_be_declared():
    names = ["ce (bootstrap, cpu)", "regression"]
    assert read_primary("ce (bootstrap, cpu),regression:nll", names) == Primary(*names, "nll")


def test_calibrated_scores_are_compared_and_the_raw_ones_stand_beside(twins):
    scores = StudyScores.of(twins)
    found = compare(scores, "good", "bad", "nll")
    frame = scores.results.groupby("variant")[["test_nll", "test_raw_nll"]].mean()
    assert found.score_a == pytest.approx(frame.test_nll["good"])
    assert found.sides[0].raw_score == pytest.approx(frame.test_raw_nll["good"])
    assert np.isnan(compare(scores, "good", "bad", "accuracy").sides[0].raw_score)


def test_what_one_direction_says_the_other_says_too(twins):
    scores = StudyScores.of(twins)
    one, other = compare(scores, "good", "bad", "rps"), compare(scores, "bad", "good", "rps")
    assert one.chances == pytest.approx(other.chances[::-1])
    assert sum(one.chances) == pytest.approx(1)
    assert one.improvement.value == pytest.approx(1 - other.improvement.value)
    assert one.interquartile.low == pytest.approx(-other.interquartile.high)
    assert one.verdict_other_data == {"better": "worse", "worse": "better"}.get(
        other.verdict_other_data, other.verdict_other_data
    )


def test_a_margin_beyond_the_users_is_said_once_with_one_that_could_be_decided(twins):
    table = compare_all(StudyScores.of(twins), metrics=["nll", "rps"])
    beyond = [
        replace(one, verdict="undecided", margin=0.002, reachable=Reachable(0.004, 0.006)) for one in table if one.metric == "nll"
    ]
    within = [
        replace(one, verdict="undecided", margin=0.005, reachable=Reachable(0.004, 0.006)) for one in table if one.metric == "rps"
    ]
    (note,) = (note for note in notes_of([*beyond, *within]) if "equivalence" in note)
    assert note == (
        "The users of this data alone leave differences so uncertain that no number of splits and seeds can show equivalence "
        "within 0.002 of NLL for 3 of 3 undecided pairs (0.0060 could be decided): --equivalence nll=0.0060."
    )


@pytest.mark.parametrize(
    ("heavy", "verdict", "said"),
    [
        (1e6, "undecided", "no verdict is given, as the test ratings weigh as those of 1 user, too few for one"),
        (14.0, "better", "Caution: the test ratings weigh as those of"),
    ],
)
def test_few_effective_users_weaken_or_withhold_a_verdict(twins, heavy, verdict, said, monkeypatch):
    scores = StudyScores.of(twins)
    counts = np.ones(60)
    counts[0] = heavy  # 60 users, one of whom has a fifth or nearly all of the ratings
    monkeypatch.setattr(scores, "user_counts", lambda splits: counts)
    found = compare(scores, "good", "bad", "nll")
    assert found.verdict == verdict
    assert said in found.text


def test_what_has_no_seed_is_not_said_to_lack_seeds(make_study, tmp_path):
    made = make_study.MadeUp
    scores = StudyScores.of(
        make_study(tmp_path, [made("constant", "baseline"), made("bias", "baseline"), made("ce")], [(0, 0, 0)])
    )
    assert "but in one split, which says nothing of the next" in compare(scores, "constant", "bias", "rmse").text
    assert "but in one seed, which says nothing of the next" in compare(scores, "bias", "ce", "rmse").text
