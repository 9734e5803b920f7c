"""``random-80-10-10``: three parts at random."""

import numpy as np

from cfce.protocols.protocol import Protocol, Rows
from cfce.protocols.shares import by_shares, shuffled
from cfce.ratings import Ratings


def _split(ratings: Ratings, fold: int, rng: np.random.Generator) -> tuple[Rows, Rows, Rows]:
    return by_shares(shuffled(len(ratings), rng), 0.8, 0.1, "random-80-10-10")


RANDOM_80_10_10 = Protocol(
    name="random-80-10-10",
    description="80 % train, 10 % valid, 10 % test, at random; choose on valid, report on test",
    claim="which configuration fills in missing ratings best, of the users and items at hand",
    split=_split,
)
