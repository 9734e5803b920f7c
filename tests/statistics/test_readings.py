"""What stands beside the interval: posteriors, families, tails, robust means, lost trainings, temperature, edges of grids."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from bench.statistics.decide import caveats_of, decide, withheld_for
from bench.statistics.edge import beyond, edge_of
from bench.statistics.estimate import estimate
from bench.statistics.families import corrected, holm, in_family
from bench.statistics.posterior import posterior
from bench.statistics.robust import interquartile_difference, interquartile_mean, probability_of_improvement
from bench.statistics.survivors import imputed, lost_share
from bench.statistics.tail import missed_share, tail_of, tails_of
from bench.statistics.temperature import at_temperature, fit_temperature
from cfce.errors import UserError


def test_the_posterior_is_the_correlated_t_of_benavoli():
    values = np.array([0.2, 0.5, 0.1, 0.4, 0.3])
    correlation = 0.1 / (0.1 + 0.8)  # rho = n_test / (n_test + n_train); rho / (1 - rho) is 0.125
    error = np.sqrt((1 / 5 + correlation / (1 - correlation)) * values.var(ddof=1))
    by_hand = stats.t.cdf([-0.1, 0.1], 4, loc=0.3, scale=error)
    found = posterior(estimate(values, np.arange(5), held_out_by_train=0.125), 0.1)
    assert (found.below, found.within, found.above) == pytest.approx(
        (by_hand[0], by_hand[1] - by_hand[0], 1 - by_hand[1]), rel=1e-5
    )


@settings(max_examples=8, deadline=None)  # statsmodels collects garbage at each call
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holms_correction_is_that_of_statsmodels(p):
    from statsmodels.stats.multitest import multipletests

    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1], atol=1e-12)


def test_a_primary_comparison_is_corrected_alone_and_the_rest_among_themselves():
    p = [0.04, 0.01, 0.02, float("nan")]
    found = corrected(p, [True, False, False, False])
    np.testing.assert_allclose(found, [0.04, 0.02, 0.02, np.nan])
    np.testing.assert_allclose(corrected(p), holm(p))


def test_against_a_reference_there_are_fewer_tests_to_correct_for():
    pairs = [("a", "b"), ("a", "c"), ("b", "c")]
    assert in_family(pairs, "c").tolist() == [False, True, True]
    assert in_family(pairs).all()


def test_a_tail_is_seen_in_most_samples_that_have_one_and_seldom_in_normal_ones():
    rng = np.random.default_rng(0)
    normal = np.mean([tail_of(rng.standard_normal(20)).heavy for _ in range(2000)])
    trapped = [rng.standard_normal(20) + 8 * (rng.random(20) < 1 / 6) for _ in range(500)]
    assert normal < 0.06
    assert np.mean([tail_of(one).heavy for one in trapped]) > 0.8
    seen = trapped[0]
    assert set(tail_of(seen).outlying) == set(np.flatnonzero(seen > 4))


def test_splits_that_differ_are_no_tail():
    splits = np.repeat(np.arange(6), 5)
    values = np.random.default_rng(0).standard_normal(30) + np.where(splits == 0, 50.0, 0.0)
    assert tail_of(values).heavy
    assert not tail_of(values, splits).heavy


def test_a_tail_that_a_mean_over_so_many_bears_is_none():
    # one in six is trapped: the skewness is (1 - 2/6) / sqrt(1/6 * 5/6) = 1.79, which 25 * 1.79**2 = 80 trainings bear
    assert tail_of(np.repeat([0.0, 1.0], [50, 10])).heavy
    assert not tail_of(np.repeat([0.0, 1.0], [100, 20])).heavy


def test_of_many_fits_only_options_that_may_be_chosen_are_looked_at_and_of_few_all():
    tailed = np.r_[np.zeros(18), 0.1, 5.0]
    scores, splits = np.stack([tailed, np.arange(20.0)]), np.arange(20)
    assert set(tails_of(scores, splits, np.array([0.0, 1.0]), range(2))) == {1}
    assert set(tails_of(scores, splits, np.array([0.1, 0.9]), range(2))) == {0, 1}
    assert set(tails_of(scores[:, 5:], splits[5:], np.array([0.0, 1.0]), range(2))) == {0, 1}


def test_scores_that_are_all_the_same_have_no_tail():
    assert not tail_of(np.ones(5)).heavy
    assert not tail_of(np.array([1.0, 2.0])).heavy


def test_what_n_trainings_could_all_have_missed():
    assert 1 - (1 - missed_share(5)) ** 5 == pytest.approx(0.95)
    assert missed_share(0) == 1.0


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=10))
def test_the_interquartile_mean_is_scipys_of_every_score_four_times(values):
    assert interquartile_mean(np.array(values)) == pytest.approx(stats.trim_mean(np.repeat(values, 4), 0.25), abs=1e-9)


def test_weights_count_a_score_as_often():
    values, weights = np.array([5.0, 1.0, 3.0]), np.array([1.0, 2.0, 4.0])
    assert interquartile_mean(values, weights) == pytest.approx(interquartile_mean(np.repeat(values, [1, 2, 4])))


def test_a_trapped_training_moves_the_mean_and_not_the_interquartile_mean():
    rng = np.random.default_rng(0)
    a, b = rng.normal(1.0, 0.01, 24), rng.normal(1.05, 0.01, 24)
    a[3] = 9.0
    found = interquartile_difference(a, b, np.zeros(24, dtype=int), None, rng)
    assert a.mean() > b.mean()
    assert found.low < -0.05 < found.high < 0


def test_the_probability_of_improvement_is_mann_and_whitneys():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal(12), rng.standard_normal(12) + 0.5
    found = probability_of_improvement(a, b, np.zeros(12, dtype=int), None, rng)
    assert found.value == pytest.approx(stats.mannwhitneyu(b, a).statistic / 144)
    assert 0 <= found.low < found.value < found.high <= 1
    other = probability_of_improvement(a, b, np.zeros(12, dtype=int), None, rng, higher_is_better=True)
    assert other.value == pytest.approx(1 - found.value)


def test_trainings_that_all_agree_are_no_certainty():
    rng = np.random.default_rng(0)
    a, b = np.arange(5.0), np.arange(5.0) + 10
    found = probability_of_improvement(a, b, np.arange(5), None, rng)
    assert found.value == 1
    assert found.low == pytest.approx(stats.beta.ppf(0.025, 5, 1))  # Clopper and Pearson, 5 of 5
    other = probability_of_improvement(b, a, np.arange(5), None, rng)
    assert (other.value, other.high) == (0, pytest.approx(1 - found.low))


def _robust_coverage(n, rng):
    hits = []
    for _ in range(n):
        scores = [rng.normal(0, 1, 6)[:, None] + rng.normal(0, 1, (6, 4)) for _ in range(2)]
        a, b = (one.ravel() for one in scores)
        one = interquartile_difference(a, b, np.repeat(np.arange(6), 4), np.arange(24), rng)
        hits.append(one.low <= 0 <= one.high)
    return np.mean(hits)


def test_the_interquartile_means_interval_covers():
    assert 0.91 <= _robust_coverage(200, np.random.default_rng(1)) <= 0.99


def test_one_unit_has_no_robust_interval():
    found = interquartile_difference(np.array([1.0]), np.array([2.0]), np.array([0]), None, np.random.default_rng(0))
    assert (found.value, found.n) == (-1.0, 1)
    assert np.isnan([found.low, found.high]).all()


def test_lost_trainings_are_counted_and_imputed_by_the_constant():
    scores = np.array([0.9, np.nan, 0.8, np.inf])
    assert lost_share(scores) == 0.5
    assert imputed(scores, np.array([1.1, 1.2, 1.3, 1.4])).tolist() == [0.9, 1.2, 0.8, 1.4]
    with pytest.raises(UserError, match="they match"):
        imputed(scores, np.ones(3))


def test_five_worst_of_twenty_that_are_lost_make_no_winner():
    """Two equal sides, the worst quarter of one lost: the survivors look better, and nothing is said."""
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal(20), rng.standard_normal(20)
    a[np.argsort(a)[-5:]] = np.nan
    kept = np.isfinite(a)
    found = estimate((a - b)[kept], np.zeros(kept.sum(), dtype=int), np.arange(kept.sum()))
    assert found.difference < -0.3
    assert withheld_for(found, (lost_share(a), 0.0)) == ("lost trainings",)
    assert decide(found, 1e-6, 1.0, None, withheld=True) == "undecided"
    one_lost = np.r_[np.nan, np.ones(39)]
    assert withheld_for(found, (lost_share(one_lost), 0.0)) == ()
    assert "lost trainings" in caveats_of(found, (), (lost_share(one_lost), 0.0))


def test_what_weakens_a_verdict():
    few = estimate(np.arange(5.0), np.arange(5), np.arange(5), np.random.default_rng(0).standard_normal((9, 5)), 20.0)
    assert caveats_of(few) == ("few users", "few seeds")
    many = estimate(np.arange(20.0), np.arange(20), np.arange(20))
    assert caveats_of(many) == ()
    assert caveats_of(many, [tail_of(np.r_[np.zeros(9), 0.1, 5.0])]) == ("heavy tail",)
    assert "few seeds" not in caveats_of(few, seeded=False)


def test_verdicts_say_which_side_is_better_by_the_scores_direction():
    found = estimate(np.array([1.0, 1.1, 0.9]), np.arange(3))
    assert decide(found, 0.01, 1.0, None) == "worse"  # a higher error
    assert decide(found, 0.01, 1.0, None, higher_is_better=True) == "better"
    assert decide(found, 0.2, 1.0, None) == "undecided"
    assert decide(found, 0.01, 0.01, 5.0) == "equivalent"
    assert decide(found, 0.01, 0.2, 5.0) == "worse"


def test_one_seed_for_all_splits_withholds():
    assert withheld_for(estimate(np.arange(3.0), np.arange(3), np.zeros(3, dtype=int))) == ("one shared seed",)
    assert withheld_for(estimate(np.arange(3.0), np.arange(3), None)) == ()


@settings(max_examples=20, deadline=None)
@given(st.floats(0.3, 4.0), st.integers(0, 1000))
def test_a_known_temperature_is_found_again(temperature, seed):
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (4000, 5))
    true = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    level = (rng.random((4000, 1)) > np.cumsum(true, axis=1)).sum(axis=1)
    tempered = at_temperature(true, 1 / temperature)  # what a classifier that is too sure or too unsure by it would say
    assert fit_temperature(tempered, level) == pytest.approx(temperature, rel=0.12)


def test_the_temperature_is_the_one_that_a_search_finds():
    rng = np.random.default_rng(3)
    mass = rng.dirichlet(np.ones(5), 300)
    mass[mass < 0.02] = 0.0
    mass /= mass.sum(axis=1, keepdims=True)
    level = np.array([rng.choice(5, p=one) for one in mass**1.4 / (mass**1.4).sum(axis=1, keepdims=True)])

    def nll(log_temperature):
        return -np.log(at_temperature(mass, np.exp(log_temperature))[np.arange(300), level]).mean()

    found = optimize.minimize_scalar(nll, bounds=(-3, 3), method="bounded", options={"xatol": 1e-8})
    assert fit_temperature(mass, level) == pytest.approx(np.exp(found.x), rel=1e-4)


def test_a_temperature_lowers_nll_and_leaves_the_mode():
    rng = np.random.default_rng(0)
    mass = rng.dirichlet(np.full(5, 0.3), 500)
    level = rng.integers(0, 5, 500)
    fitted = at_temperature(mass, fit_temperature(mass, level))
    before, after = (-np.log(one[np.arange(500), level]).mean() for one in (mass, fitted))
    assert after < before
    assert (fitted.argmax(axis=1) == mass.argmax(axis=1)).all()
    assert fitted.sum(axis=1) == pytest.approx(1)


def test_what_was_impossible_stays_impossible():
    mass = np.array([[0.5, 0.5, 0.0], [0.2, 0.8, 0.0]])
    assert at_temperature(mass, 2.0)[:, 2].tolist() == [0.0, 0.0]
    assert np.isfinite(fit_temperature(mass, np.array([2, 1])))
    assert fit_temperature(mass[:1], np.array([2])) == 1.0
    with pytest.raises(UserError, match="temperature 0 came"):
        at_temperature(mass, 0.0)
    with pytest.raises(UserError, match=r"they are \(n, K\)"):
        fit_temperature(mass, np.array([1]))


def test_a_choice_at_the_end_of_its_grid_is_told_with_what_lies_beyond():
    grid = [0.1, 0.005, 0.03, 0.01]
    assert edge_of(grid, 0.1) == "highest"
    assert edge_of(grid, 0.03) is None
    assert edge_of([0.1, 0.1], 0.1) is None
    assert beyond(grid, "lowest", 1) == (0.003,)
