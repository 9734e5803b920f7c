"""``temporal-80-10-10``: the past trains, the future tests."""

import numpy as np

from cfce.protocols.protocol import Protocol, Rows
from cfce.protocols.shares import by_shares, timestamps_of
from cfce.ratings import Ratings


def _split(ratings: Ratings, fold: int, rng: np.random.Generator) -> tuple[Rows, Rows, Rows]:
    """Rows in the order of time; those of one second keep the order of the source."""
    order = np.argsort(timestamps_of(ratings, "temporal-80-10-10"), kind="stable").astype(np.int32)
    return by_shares(order, 0.8, 0.1, "temporal-80-10-10")


TEMPORAL_80_10_10 = Protocol(
    name="temporal-80-10-10",
    description="the earliest 80 % train, the next 10 % valid, the latest 10 % test, by one clock for all users",
    claim="which configuration predicts the ratings that come after training, new users and items included; one fold",
    split=_split,
    n_folds=1,
)
