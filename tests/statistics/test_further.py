"""Further units and reachable margins, on pilots whose truth is known."""

import numpy as np
import pytest

from bench.statistics.estimate import estimate
from bench.statistics.further import chance_to_decide, further_units
from bench.statistics.margins import reachable_margin

SPREAD, N = 0.004, 5


def _pilots(n, users, margin, rng):
    """Undecided pilots of five splits whose true difference is drawn widely: (true units that decide, what is said)."""
    sizes = np.unique(np.geomspace(N + 1, N + 10_000, 300).astype(np.int64))
    for _ in range(n):
        truth = rng.normal(0, SPREAD)
        values = truth + users**0.5 * rng.standard_normal() + SPREAD * rng.standard_normal(N)
        moves = users**0.5 * rng.standard_normal((200, 1)) + np.zeros((1, N)) if users else None
        found = estimate(values, np.arange(N), np.arange(N), moves)
        if found.p > 0.05 and (margin is None or max(abs(found.low), abs(found.high)) > margin):
            chance = chance_to_decide(np.array(truth), np.array(SPREAD**2), users, np.inf, sizes, margin, 0.05)
            need = sizes[(chance >= 0.8).argmax()] - N if (chance >= 0.8).any() else np.inf
            yield truth, need, further_units(found, margin, 0.05, rng)


@pytest.mark.parametrize("margin", [None, 0.002])
def test_the_range_holds_the_number_that_would_decide_in_about_four_of_five_cases(margin):
    found = list(_pilots(300, 0.0, margin, np.random.default_rng(0)))
    inside = [(said.low or np.inf) <= 1.03 * need and need <= 1.03 * (said.high or np.inf) for _, need, said in found]
    assert 0.75 <= np.mean(inside) <= 0.96
    decided = {
        name: np.mean(
            [
                chance_to_decide(np.array(truth), np.array(SPREAD**2), 0.0, np.inf, np.array([N + more]), margin, 0.05)
                for truth, _, said in found
                if (more := getattr(said, name))
            ]
        )
        for name in ("median", "high")
    }
    assert decided["median"] > 0.5
    assert decided["high"] > 0.85


def test_it_is_said_that_more_would_not_decide_only_where_users_exceed_the_margin_and_it_is_true():
    said = [
        (need, one)
        for users in (1e-6, 9e-6)
        for _, need, one in _pilots(120, users, 0.002, np.random.default_rng(1))
        if one.cannot
    ]
    assert len(said) > 30
    assert all(one.users_alone >= 0.002 for _, one in said)
    assert np.mean([np.isfinite(need) for need, _ in said]) <= 0.05
    assert not any(one.cannot for _, _, one in _pilots(25, 0.0, 0.002, np.random.default_rng(2)))
    assert not any(one.cannot for _, _, one in _pilots(25, 9e-6, None, np.random.default_rng(2)))


def test_it_speaks_of_splits_where_there_are_several_and_of_seeds_in_one():
    rng = np.random.default_rng(0)
    values = rng.normal(0, 1, 5)
    assert further_units(estimate(values, np.arange(5)), None, 0.05, rng).unit == "splits"
    assert further_units(estimate(values, np.zeros(5, dtype=int), np.arange(5)), None, 0.05, rng).unit == "seeds"
    assert further_units(estimate(values[:1], np.zeros(1, dtype=int)), None, 0.05, rng) is None
    assert further_units(estimate(np.zeros(3), np.arange(3)), None, 0.05, rng) is None


def test_equal_configurations_are_shown_within_the_decidable_margin_in_four_of_five_studies_of_many_splits():
    rng = np.random.default_rng(0)
    users = 0.001
    moves = users * rng.standard_normal((20_000, 1)) + np.zeros((1, 2))
    margin = reachable_margin(estimate(np.array([0.0, 1.0]), np.arange(2), None, moves))
    ends = np.abs(users * rng.standard_normal(20_000)) + margin.least
    assert np.mean(ends < margin.decidable) == pytest.approx(0.8, abs=0.01)
    assert margin.least == pytest.approx(1.96 * users, rel=0.02)
