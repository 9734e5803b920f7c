"""``cold-users`` and ``cold-items``: what is held out has users (or items) that training never sees."""

import numpy as np

from cfce.protocols.protocol import Protocol, Rows
from cfce.protocols.shares import by_shares, shuffled
from cfce.ratings import Ratings


def cold(what: str) -> Protocol:
    """The protocol that splits the ``'users'`` or ``'items'`` 80/10/10 at random, and each rating with its user or item."""
    name = f"cold-{what}"
    other = "items" if what == "users" else "users"

    def split(ratings: Ratings, fold: int, rng: np.random.Generator) -> tuple[Rows, Rows, Rows]:
        codes, n = (ratings.user, len(ratings.user_ids)) if what == "users" else (ratings.item, len(ratings.item_ids))
        parts = by_shares(shuffled(n, rng), 0.8, 0.1, name, what)
        part_of = np.empty(n, dtype=np.uint8)
        for number, members in enumerate(parts):
            part_of[members] = number
        part = part_of[codes - 1]
        train, valid, test = (np.flatnonzero(part == number).astype(np.int32) for number in range(3))
        return train, valid, test

    return Protocol(
        name=name,
        description=f"80 % of the {what} train, 10 % valid, 10 % test, at random, each with all of their ratings",
        claim=f"which configuration rates {what} that training never saw best, from the {other} and the marginals alone",
        split=split,
    )


COLD_USERS = cold("users")
COLD_ITEMS = cold("items")
