"""``random-80-20``: two parts at random, as in the fastai book."""

import numpy as np

from cfce.protocols.protocol import Protocol, Rows
from cfce.protocols.shares import by_shares, shuffled
from cfce.ratings import Ratings


def _split(ratings: Ratings, fold: int, rng: np.random.Generator) -> tuple[Rows, Rows, Rows]:
    return by_shares(shuffled(len(ratings), rng), 0.8, 0.2, "random-80-20")


RANDOM_80_20 = Protocol(
    name="random-80-20",
    description="80 % train, 20 % valid, at random: the fastai book's; valid is what is reported",
    claim="which configuration fills in missing ratings best; optimistic where something was chosen on valid",
    split=_split,
)
