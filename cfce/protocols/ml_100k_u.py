"""``ml-100k-u1..u5``: the five splits that the archive of MovieLens 100k ships, on which many papers report."""

import numpy as np

from cfce.errors import UserError
from cfce.protocols.protocol import Protocol, Rows
from cfce.ratings import Ratings

LABEL = "u"
"""The label of ``Ratings`` that holds, for each row, which of u1.test to u5.test it is in, as 1 to 5."""


def _split(ratings: Ratings, fold: int, rng: np.random.Generator) -> tuple[Rows, Rows, Rows]:
    if LABEL not in ratings.labels:
        raise UserError(
            f"the protocol 'ml-100k-u1..u5' takes its rows from the files u1.test to u5.test, which '{ratings.name}' has not; "
            f"pass the archive of GroupLens (--data ml-100k.zip), since other copies lack them"
        )
    held = ratings.labels[LABEL] == fold + 1
    return np.flatnonzero(~held).astype(np.int32), np.flatnonzero(held).astype(np.int32), np.empty(0, dtype=np.int32)


ML_100K_U = Protocol(
    name="ml-100k-u1..u5",
    description="fold 0 to 4 are u1 to u5 of MovieLens 100k's archive: 80 % train, 20 % valid; valid is what is reported",
    claim="how a configuration compares with papers that report on u1 to u5; optimistic where something was chosen on valid",
    split=_split,
    n_folds=5,
)
