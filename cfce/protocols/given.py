"""``given``: the split that the data brings along, in its column ``part``."""

import numpy as np

from cfce.errors import UserError
from cfce.protocols.protocol import Protocol, Rows
from cfce.ratings import Ratings

LABEL = "part"
"""The label of ``Ratings`` that holds, for each row, its part: 0, 1, 2 for train, valid, test."""


def _split(ratings: Ratings, fold: int, rng: np.random.Generator) -> tuple[Rows, Rows, Rows]:
    if LABEL not in ratings.labels:
        raise UserError(
            f"the protocol 'given' takes its rows from a column part with train, valid and test, which '{ratings.name}' has not; "
            f"add the column, or name it (--columns part=NAME)"
        )
    train, valid, test = (np.flatnonzero(ratings.labels[LABEL] == number).astype(np.int32) for number in range(3))
    if not len(valid):
        valid, test = test, valid
    if not len(train) or not len(valid):
        raise UserError(f"the column part of '{ratings.name}' has no train or nothing held out; it needs train and valid or test")
    return train, valid, test


GIVEN = Protocol(
    name="given",
    description="the column part of the data: train, valid and test; with only one held-out part, that part is reported",
    claim="which configuration is best on the split that the data came with; one fold, so only seeds vary",
    split=_split,
    n_folds=1,
)
