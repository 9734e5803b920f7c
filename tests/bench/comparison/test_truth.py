"""The statistics on known truth: simulated studies whose difference, users, splits and seeds are drawn from known spreads."""

import numpy as np
import pytest

from bench.comparison.compare import LEVEL, decide, holm
from bench.comparison.interval import Estimate, estimate
from bench.comparison.power import further_units, power_of_test
from bench.comparison.user_bootstrap import draw_weights
from cfce.metrics import METRICS

ACCURACY = METRICS["accuracy"]
SPREADS = {  # of a seed, of a person, of a person's ratings on one split
    "seeds": (0.003, 0.0, 0.05),
    "people": (0.0005, 0.06, 0.05),
    "noise": (0.0001, 0.0, 0.3),
    "all": (0.003, 0.04, 0.1),
}


def _studies(n: int, spreads, delta: float, n_splits: int, seed: int, n_users: int = 100, n_configurations: int = 2):
    """Scores (n, configurations, splits) of n studies, and replicates (n, 300, configurations, splits) of resampled users."""
    of_seed, of_person, of_rating = (
        one / np.sqrt(2) for one in spreads
    )  # a difference has twice the variance of a configuration
    rng = np.random.default_rng(seed)
    counts = rng.poisson(10, (n_users, n_splits)) + 1.0
    loss = of_seed * rng.standard_normal((1, n, n_configurations, n_splits)) + 0.03 * rng.standard_normal((1, n, 1, n_splits))
    loss = loss + of_person * rng.standard_normal((n_users, n, n_configurations, 1))
    loss += of_rating * rng.standard_normal((n_users, n, n_configurations, n_splits)) / np.sqrt(counts)[:, None, None]
    loss[:, :, 0] += delta
    loss *= counts[:, None, None]
    weights = draw_weights(n_users, 300, rng).astype(np.float64)
    drawn = (weights @ loss.reshape(n_users, -1)).reshape(300, n, n_configurations, n_splits) / (weights @ counts)[:, None, None]
    return loss.sum(axis=0) / counts.sum(axis=0), drawn.transpose(1, 0, 2, 3)


def _estimates(n: int, spreads, delta: float, n_splits: int, seed: int) -> list[Estimate]:
    scores, drawn = _studies(n, spreads, delta, n_splits, seed)
    return [estimate(one[0] - one[1], two[:, 0] - two[:, 1]) for one, two in zip(scores, drawn, strict=True)]


@pytest.mark.parametrize("n_splits", [5, 10])
@pytest.mark.parametrize("name", SPREADS)
def test_95_percent_intervals_hold_the_truth_in_93_to_98_percent_of_studies(name, n_splits):
    found = _estimates(800, SPREADS[name], 0.01, n_splits, seed=n_splits)
    assert 0.93 <= np.mean([one.low <= 0.01 <= one.high for one in found]) <= 0.98


def test_two_splits_are_enough_for_an_interval_that_is_not_too_narrow():
    for name, spreads in SPREADS.items():
        found = _estimates(400, spreads, 0.0, 2, seed=2)
        assert np.mean([one.low <= 0 <= one.high for one in found]) >= 0.93, name


@pytest.mark.parametrize("spreads", [SPREADS["seeds"], SPREADS["noise"], (0.003, 0.0, 0.1)])
def test_an_arm_against_itself_gets_a_false_verdict_in_at_most_5_percent_of_400_studies(spreads):
    """One variant under two names with different seeds: no person prefers either for long; better and worse are false."""
    found = _estimates(400, spreads, 0.0, 5, seed=7)
    verdicts = [decide(one, one.p, one.p_outside(0.002), ACCURACY, 0.002) for one in found]
    assert np.mean([verdict in ("better", "worse") for verdict in verdicts]) <= 0.05


def test_holm_keeps_any_false_verdict_among_all_pairs_of_four_equal_arms_to_5_percent():
    pairs = [(a, b) for a in range(4) for b in range(a)]
    wrong = uncorrected = 0
    for scores, drawn in zip(*_studies(400, SPREADS["all"], 0.0, 5, seed=3, n_configurations=4), strict=True):
        p = [estimate(scores[a] - scores[b], drawn[:, a] - drawn[:, b]).p for a, b in pairs]
        wrong += min(holm(p)) <= LEVEL
        uncorrected += min(p) <= LEVEL
    assert wrong <= 20
    assert uncorrected > 40  # so the correction is what keeps it


def test_a_difference_outside_the_margin_is_seldom_called_equivalent():
    found = _estimates(400, SPREADS["seeds"], 0.002, 10, seed=11)
    verdicts = [decide(one, one.p, one.p_outside(0.002), ACCURACY, 0.002) for one in found]
    assert np.mean([verdict == "equivalent" for verdict in verdicts]) <= 0.05


def test_arms_that_hardly_differ_are_called_equivalent_when_there_are_enough_splits():
    found = _estimates(100, (0.001, 0.0, 0.01), 0.0, 20, seed=13)
    verdicts = [decide(one, one.p, one.p_outside(0.002), ACCURACY, 0.002) for one in found]
    assert np.mean([verdict == "equivalent" for verdict in verdicts]) >= 0.95


@pytest.mark.parametrize(("spreads", "n_splits"), [(SPREADS["seeds"], 5), (SPREADS["seeds"], 10), (SPREADS["all"], 10)])
def test_a_known_difference_is_found_as_often_as_theory_says(spreads, n_splits):
    delta = 0.0045 if spreads[1] == 0 else 0.012
    per_split, users = _variances(spreads)
    theory = float(power_of_test(delta, per_split, users, np.array([n_splits]), LEVEL)[0])
    found = _estimates(600, spreads, delta, n_splits, seed=5)
    verdicts = [decide(one, one.p, 1.0, ACCURACY, None) for one in found]
    assert 0.3 < theory < 0.999
    assert np.mean([verdict == "better" for verdict in verdicts]) == pytest.approx(theory, abs=0.04)
    assert verdicts.count("worse") == 0


def _variances(spreads, n_users=100):
    """Of a split's difference around the users's, and of the users's; users weigh as they rate, 10 + 1 on average."""
    of_seed, of_person, of_rating = spreads
    weight = 1 / n_users * (1 + 10 / 11**2)
    return of_seed**2 + of_rating**2 / (n_users * 11), of_person**2 * weight


def test_the_further_seeds_that_are_named_do_decide():
    """With as many units as advised, four in five studies of the same truth decide."""
    spread = 0.004**2
    now = Estimate(0.002, -1, 1, 0.3, 5, np.sqrt(spread / 5), spread, 0.0)
    more = further_units(now, None, LEVEL)
    rng = np.random.default_rng(0)
    n = 5 + more
    p = [estimate(rng.normal(0.002, 0.004, n), np.zeros((2, n))).p for _ in range(1000)]
    assert np.mean(np.array(p) <= LEVEL) == pytest.approx(0.8, abs=0.04)


def test_no_number_of_seeds_is_named_where_users_are_what_is_uncertain():
    assert further_units(Estimate(0.001, -1, 1, 0.6, 5, 0.01, 1e-6, 1e-4), 0.002, LEVEL) is None


def test_a_difference_near_nothing_needs_seeds_to_be_called_equivalent():
    found = Estimate(0.0001, -1, 1, 0.9, 5, 0.002, 5 * 0.002**2, 0.0)
    with_margin = further_units(found, 0.002, LEVEL)
    assert 30 < with_margin < 100  # 1.96 + 0.84 + a little of 0.0045 / sqrt(n) within 0.0019
    assert further_units(found, None, LEVEL) is None or further_units(found, None, LEVEL) > 1000
