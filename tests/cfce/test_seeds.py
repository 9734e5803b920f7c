"""Streams: a seed and a purpose give one stream, and no two of them the same."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cfce.seeds import stream

PURPOSES = ("split", "weights", "head", "order")


def draws(seed: int, purpose: str) -> list[int]:
    return stream(seed, purpose).integers(0, 2**62, 4).tolist()


@given(st.integers(0, 2**40), st.sampled_from(PURPOSES))
def test_a_stream_depends_on_its_seed_and_purpose_alone(seed, purpose):
    first = draws(seed, purpose)
    np.random.default_rng(0).random()
    stream(seed + 1, purpose).random(100)
    assert draws(seed, purpose) == first


def test_streams_of_other_seeds_and_purposes_differ():
    seen = {tuple(draws(seed, purpose)) for seed in range(50) for purpose in PURPOSES}
    assert len(seen) == 50 * len(PURPOSES)


def test_streams_of_neighbouring_seeds_are_uncorrelated():
    """|r| of 10,000 pairs of independent draws stays under 4/sqrt(10,000) = 0.04 but once in 16,000."""
    columns = [stream(seed, "weights").standard_normal(10_000) for seed in range(4)] + [
        stream(0, "order").standard_normal(10_000)
    ]
    correlations = np.corrcoef(columns)[np.triu_indices(5, 1)]
    assert np.abs(correlations).max() < 0.04


def test_a_stream_stays_what_it_was():
    """Stored trials are named by their seeds, so what a seed draws may never change."""
    assert stream(0, "order").integers(0, 1000, 5).tolist() == ORDER_0


ORDER_0 = [149, 285, 647, 243, 436]
