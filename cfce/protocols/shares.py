"""Parts by their shares of an order: the arithmetic that several protocols have in common."""

import numpy as np
from numpy.typing import NDArray

from cfce.errors import UserError
from cfce.protocols.protocol import Rows
from cfce.ratings import Ratings


def by_shares(order: Rows, train: float, valid: float, name: str, what: str = "ratings") -> tuple[Rows, Rows, Rows]:
    """Cut an order in three; train and valid have their shares rounded down, and the rest is test.

    Where the two shares are all there is, valid is the rest and test is empty.

    >>> [len(part) for part in by_shares(np.arange(109, dtype=np.int32), 0.8, 0.1, "random-80-10-10")]
    [87, 10, 12]
    """
    n = len(order)
    n_train = int(n * train)
    n_valid = n - n_train if train + valid == 1 else int(n * valid)
    if not n_train or not n_valid:
        raise UserError(f"{n} {what} are too few for the protocol '{name}'; at least 10 are needed")
    return order[:n_train], order[n_train : n_train + n_valid], order[n_train + n_valid :]


def shuffled(n: int, rng: np.random.Generator) -> NDArray[np.int32]:
    """0 to n - 1 in random order, (n,); shuffled in place, at half the memory of a permutation's int64."""
    order = np.arange(n, dtype=np.int32)
    rng.shuffle(order)
    return order


def timestamps_of(ratings: Ratings, name: str) -> NDArray[np.int64]:
    """The timestamps, (N,); ``UserError`` where there are none, or only one."""
    if ratings.timestamp is None:
        raise UserError(
            f"the protocol '{name}' splits by time, but '{ratings.name}' has no timestamps; "
            f"name their column (--columns timestamp=NAME), or choose a random protocol"
        )
    if ratings.timestamp.min() == ratings.timestamp.max():
        raise UserError(f"the protocol '{name}' splits by time, but every rating of '{ratings.name}' has the same timestamp")
    return ratings.timestamp
