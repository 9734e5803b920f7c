"""The front of costs and losses against its definition, pair by pair."""

import numpy as np
import pytest

from bench.statistics.front import front


def by_definition(costs, losses):
    points = list(zip(costs, losses, strict=True))

    def beats(one, other):
        return one[0] <= other[0] and one[1] <= other[1] and one != other

    return [not any(beats(one, other) for one in points) for other in points]


@pytest.mark.parametrize("seed", range(5))
def test_a_point_is_on_the_front_where_none_costs_and_loses_as_little_and_less_in_one(seed):
    rng = np.random.default_rng(seed)
    costs, losses = rng.integers(1, 8, 40).astype(float), rng.integers(1, 8, 40).astype(float)  # ties too
    assert front(costs, losses).tolist() == by_definition(costs.tolist(), losses.tolist())


def test_what_has_no_score_is_not_on_the_front_and_keeps_nothing_off_it():
    nan, inf = float("nan"), float("inf")
    costs, losses = np.array([1.0, nan, 2.0, 0.5, 3.0]), np.array([nan, 0.1, 0.5, -inf, 0.6])
    assert front(costs, losses).tolist() == [False, False, True, False, False]
