"""The samplers, by counting the rows that an epoch sees."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfce.batches import epoch_order, n_batches
from cfce.errors import UserError
from cfce.options import SAMPLERS
from cfce.seeds import stream


def times_seen(n: int, sampler: str, seed: int = 0) -> np.ndarray:
    return np.bincount(epoch_order(n, sampler, stream(seed, "order")), minlength=n)


@given(st.integers(1, 3000), st.integers(0, 1000))
def test_a_permutation_sees_each_row_once(n, seed):
    assert (times_seen(n, "permutation", seed) == 1).all()


@pytest.mark.parametrize("seed", range(3))
def test_a_bootstrap_sees_63_percent_of_the_rows(seed):
    """A row is missed with q = (1 - 1/n)**n = 0.3679, and misses repel each other, so the share seen has at most the binomial
    variance q (1 - q) / n: for n = 80,000 a standard deviation of 0.0017, and five of them allow 0.6321 +- 0.0085."""
    n = 80_000
    missed = (1 - 1 / n) ** n
    bound = 5 * math.sqrt(missed * (1 - missed) / n)
    assert bound < 0.009
    assert abs((times_seen(n, "bootstrap", seed) > 0).mean() - (1 - missed)) < bound


def test_a_bootstrap_sees_rows_as_often_as_the_binomial_says():
    """Counts are Binomial(n, 1/n): 1/e of the rows never, 1/e once, 1/2e twice, each within five standard deviations."""
    n = 80_000
    counts = times_seen(n, "bootstrap")
    assert counts.sum() == n
    for times in range(4):
        p = math.comb(n, times) * (1 / n) ** times * (1 - 1 / n) ** (n - times)
        assert abs((counts == times).mean() - p) < 5 * math.sqrt(p * (1 - p) / n)


@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_each_epoch_has_another_order_and_the_same_seed_the_same_orders(sampler):
    def orders(seed):
        rng = stream(seed, "order")
        return [epoch_order(100, sampler, rng).tolist() for _ in range(3)]

    assert orders(5) == orders(5)
    assert orders(5) != orders(6)
    assert len({tuple(order) for order in orders(5)}) == 3


@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_the_order_is_random(sampler):
    """Positions and rows are uncorrelated: |r| of 10,000 stays under 0.04 but once in 16,000."""
    order = epoch_order(10_000, sampler, stream(0, "order"))
    assert order.dtype == np.int32
    assert abs(np.corrcoef(np.arange(10_000), order)[0, 1]) < 0.04


def test_an_unknown_sampler_is_refused():
    with pytest.raises(
        UserError, match=r"unknown sampler 'permutaton' .did you mean 'permutation'.*allowed: bootstrap, permutation"
    ):
        epoch_order(10, "permutaton", stream(0, "order"))


@given(st.integers(1, 500), st.integers(1, 500))
def test_a_last_partial_batch_is_dropped(n, batch_size):
    if batch_size > n:
        with pytest.raises(UserError, match=f"batch size {batch_size} came, but there are {n} training ratings"):
            n_batches(n, batch_size)
    else:
        assert 0 <= n - n_batches(n, batch_size) * batch_size < batch_size
