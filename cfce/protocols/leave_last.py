"""``leave-last-1`` and ``leave-last-5``: the latest ratings of each user are held out (as LensKit's ``LastN``)."""

import numpy as np

from cfce.errors import UserError
from cfce.protocols.protocol import Protocol, Rows
from cfce.protocols.shares import shuffled, timestamps_of
from cfce.ratings import Ratings


def leave_last(n: int) -> Protocol:
    """The protocol that tests on each user's last n ratings, chooses on the n before them and trains on the rest.

    A user with 2 n ratings or fewer is in train alone. Ratings of one user in one second come in random order: the order of
    a file is often that of the items, and would hold out some items more than others.
    """
    name = f"leave-last-{n}"

    def split(ratings: Ratings, fold: int, rng: np.random.Generator) -> tuple[Rows, Rows, Rows]:
        time = timestamps_of(ratings, name)
        order = shuffled(len(ratings), rng)
        order = order[np.argsort(time[order], kind="stable")]
        order = order[np.argsort(ratings.user[order], kind="stable")]  # by user, then time, then at random
        counts = np.bincount(ratings.user, minlength=ratings.n_users)
        ends = np.cumsum(counts)[ratings.user[order]]
        from_last = ends - 1 - np.arange(len(order))  # 0 for a user's last rating
        enough = counts[ratings.user[order]] > 2 * n
        test, valid = enough & (from_last < n), enough & (from_last >= n) & (from_last < 2 * n)
        if not test.any():
            raise UserError(f"no user of '{ratings.name}' has more than {2 * n} ratings, which the protocol '{name}' needs")
        return order[~(test | valid)], order[valid], order[test]

    last, before = ("last rating", "the one before it") if n == 1 else (f"last {n} ratings", f"the {n} before them")
    return Protocol(
        name=name,
        description=f"test is each user's {last} by time, valid {before}; users with {2 * n} ratings or fewer only train",
        claim="which configuration predicts a known user's next ratings, each user with the same weight; one fold",
        split=split,
        n_folds=1,
    )


LEAVE_LAST_1 = leave_last(1)
LEAVE_LAST_5 = leave_last(5)
