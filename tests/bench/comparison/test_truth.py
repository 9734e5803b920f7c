"""The statistics on known truth: simulated studies whose difference, users, splits and seeds are drawn from known spreads."""

import numpy as np
import pytest
from scipy import stats

from bench.comparison.user_bootstrap import draw_weights
from bench.statistics import LEVEL, Estimate, decide, estimate, holm

SPREADS = {  # of a seed, of a user, of a user's ratings on one split
    "seeds": (0.003, 0.0, 0.05),
    "users": (0.0005, 0.06, 0.05),
    "noise": (0.0001, 0.0, 0.3),
    "all": (0.003, 0.04, 0.1),
}


def _studies(n: int, spreads, delta: float, n_splits: int, seed: int, n_users: int = 100, n_configurations: int = 2):
    """Scores (n, configurations, splits) of n studies, and replicates (n, 300, configurations, splits) of resampled users."""
    of_seed, of_user, of_rating = (one / np.sqrt(2) for one in spreads)  # a difference has twice the variance of a configuration
    rng = np.random.default_rng(seed)
    counts = rng.poisson(10, (n_users, n_splits)) + 1.0
    loss = of_seed * rng.standard_normal((1, n, n_configurations, n_splits)) + 0.03 * rng.standard_normal((1, n, 1, n_splits))
    loss = loss + of_user * rng.standard_normal((n_users, n, n_configurations, 1))
    loss += of_rating * rng.standard_normal((n_users, n, n_configurations, n_splits)) / np.sqrt(counts)[:, None, None]
    loss[:, :, 0] += delta
    loss *= counts[:, None, None]
    weights = draw_weights(n_users, 300, rng).astype(np.float64)
    drawn = (weights @ loss.reshape(n_users, -1)).reshape(300, n, n_configurations, n_splits) / (weights @ counts)[:, None, None]
    return loss.sum(axis=0) / counts.sum(axis=0), drawn.transpose(1, 0, 2, 3)


def _estimates(n: int, spreads, delta: float, n_splits: int, seed: int) -> list[Estimate]:
    scores, drawn = _studies(n, spreads, delta, n_splits, seed)
    return [_of(one[0] - one[1], two[:, 0] - two[:, 1]) for one, two in zip(scores, drawn, strict=True)]


def _of(differences, replicates) -> Estimate:
    """Each split with a seed of its own."""
    units = np.arange(len(differences))
    return estimate(differences, units, units, replicates)


def _decided(found: Estimate, margin=None) -> str:
    """The verdict on accuracy without other comparisons to correct for."""
    return decide(found, found.p, 1.0 if margin is None else found.p_outside(margin), margin, higher_is_better=True)


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
def test_a_variant_against_itself_gets_a_false_verdict_in_at_most_5_percent_of_400_studies(spreads):
    """One variant under two names with different seeds: no user prefers either for long; better and worse are false."""
    found = _estimates(400, spreads, 0.0, 5, seed=7)
    verdicts = [_decided(one, 0.002) for one in found]
    assert np.mean([verdict in ("better", "worse") for verdict in verdicts]) <= 0.05


def test_holm_keeps_any_false_verdict_among_all_pairs_of_four_equal_configurations_to_5_percent():
    pairs = [(a, b) for a in range(4) for b in range(a)]
    wrong = uncorrected = 0
    for scores, drawn in zip(*_studies(400, SPREADS["all"], 0.0, 5, seed=3, n_configurations=4), strict=True):
        p = [_of(scores[a] - scores[b], drawn[:, a] - drawn[:, b]).p for a, b in pairs]
        wrong += min(holm(p)) <= LEVEL
        uncorrected += min(p) <= LEVEL
    assert wrong <= 20
    assert uncorrected > 40  # so the correction is what keeps it


def test_a_difference_outside_the_margin_is_seldom_called_equivalent():
    found = _estimates(400, SPREADS["seeds"], 0.002, 10, seed=11)
    verdicts = [_decided(one, 0.002) for one in found]
    assert np.mean([verdict == "equivalent" for verdict in verdicts]) <= 0.05


def test_configurations_that_hardly_differ_are_called_equivalent_when_there_are_enough_splits():
    found = _estimates(100, (0.001, 0.0, 0.01), 0.0, 20, seed=13)
    verdicts = [_decided(one, 0.002) for one in found]
    assert np.mean([verdict == "equivalent" for verdict in verdicts]) >= 0.95


@pytest.mark.parametrize(("spreads", "n_splits"), [(SPREADS["seeds"], 5), (SPREADS["seeds"], 10), (SPREADS["all"], 10)])
def test_a_known_difference_is_found_as_often_as_theory_says(spreads, n_splits):
    delta = 0.0045 if spreads[1] == 0 else 0.012
    per_split, users = _variances(spreads)
    theory = _power(delta, per_split / n_splits, users, n_splits)
    found = _estimates(600, spreads, delta, n_splits, seed=5)
    verdicts = [_decided(one) for one in found]
    assert 0.3 < theory < 0.999
    assert np.mean([verdict == "better" for verdict in verdicts]) == pytest.approx(theory, abs=0.04)
    assert verdicts.count("worse") == 0


def _power(delta, units, users, n):
    """The chance to show a difference: a noncentral t with Satterthwaite's degrees of freedom."""
    se = np.sqrt(units + users)
    reach = np.sqrt(stats.t.isf(LEVEL / 2, n - 1) ** 2 * units + stats.norm.isf(LEVEL / 2) ** 2 * users) / se
    df = (n - 1) * (1 + users / units) ** 2
    return float(stats.nct.sf(reach, df, delta / se) + stats.nct.cdf(-reach, df, delta / se))


def _variances(spreads, n_users=100):
    """Of a split's difference around the users', and of the users'; users weigh as they rate, 10 + 1 on average."""
    of_seed, of_user, of_rating = spreads
    weight = 1 / n_users * (1 + 10 / 11**2)
    return of_seed**2 + of_rating**2 / (n_users * 11), of_user**2 * weight
