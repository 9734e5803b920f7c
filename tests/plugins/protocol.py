"""The protocol ``each-user-80-10-10``: a tenth of each user's ratings is test and a tenth valid, at random."""

import numpy as np

from bench.registry import Protocol, register_protocol
from cfce.errors import UserError
from cfce.ratings import Ratings

NAME = "each-user-80-10-10"


def split(ratings: Ratings, fold: int, rng: np.random.Generator):
    order = rng.permutation(len(ratings)).astype(np.int32)
    order = order[np.argsort(ratings.user[order], kind="stable")]  # user by user, each in random order
    user = ratings.user[order]
    counts = np.bincount(user)
    place = np.arange(len(order)) - (np.cumsum(counts) - counts)[user]  # 0, 1, 2, … within each user
    tenth = counts[user] // 10
    test, valid = place < tenth, (place >= tenth) & (place < 2 * tenth)
    if not test.any():
        raise UserError(f"the protocol '{NAME}' needs a user with 10 ratings, and '{ratings.name}' has none; use random-80-10-10")
    return order[~(test | valid)], order[valid], order[test]


register_protocol(
    Protocol(
        name=NAME,
        description="of each user's n ratings, n // 10 are test, n // 10 valid and the rest train, at random",
        claim="which configuration fills in the missing ratings of known users best, active users more often",
        split=split,
    )
)
