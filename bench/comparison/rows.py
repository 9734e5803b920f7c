"""The held-out rows of a split, in one order: what lets predictions of several trials be averaged and paired."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.study.held_out import HeldOut
from cfce.errors import UserError


@dataclass(frozen=True, eq=False)
class Rows:
    """A part of a split: ids and levels of its n ratings, and who they belong to."""

    user: NDArray[Any]
    item: NDArray[Any]
    level: NDArray[np.uint8]
    users: NDArray[Any]
    """The distinct users, in the order in which they come."""
    codes: NDArray[np.intp]
    """The index into ``users`` of each rating, (n,)."""
    time: NDArray[np.int64] | None = None
    """When each rating was given, in seconds since 1970, (n,); None where that is not known."""

    @classmethod
    def of(cls, held: HeldOut) -> "Rows":
        """The rows as one trial's predictions hold them."""
        return cls(held.user, held.item, held.level, *_distinct(held.user), held.time)

    def order_of(self, held: HeldOut) -> NDArray[np.intp] | None:
        """The permutation that puts another trial's rows in this order; None where they are in it already.

        Raises ``UserError`` where they are not the same ratings.
        """
        if len(held.level) != len(self.level):
            raise UserError(f"{held.part} has {len(held.level)} rows, but {len(self.level)} in other trials of the split")
        if _same(self.level, held.level) and _same(self.item, held.item) and _same(self.user, held.user):
            return None
        mine, theirs = _sorting(self.user, self.item, self.level), _sorting(held.user, held.item, held.level)
        for ours, others in ((self.user, held.user), (self.item, held.item), (self.level, held.level)):
            if not _same(ours[mine], others[theirs]):
                raise UserError(f"the rows of {held.part} are not those of other trials of the split")
        order = np.empty(len(mine), dtype=np.intp)
        order[mine] = theirs
        return order


def _distinct(users: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """The distinct users in the order in which they come, as objects, and the index of each rating's."""
    if users.dtype == object:  # of several types, maybe, which have no order to sort by
        number: dict[Any, int] = {}
        codes = np.array([number.setdefault(user, len(number)) for user in users.tolist()], dtype=np.intp)
        found = np.empty(len(number), dtype=object)
        found[:] = list(number)
        return found, codes
    values, first, inverse = np.unique(users, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return values[order].astype(object), place[inverse]


def _same(ours: NDArray[Any], others: NDArray[Any]) -> bool:
    return ours is others or bool((ours == others).all())


def _sorting(user: NDArray[Any], item: NDArray[Any], level: NDArray[np.uint8]) -> NDArray[np.intp]:
    """An order of ratings that depends on their content alone; ids of several types have none, so their text is taken."""
    return np.lexsort((level, item.astype(str), user.astype(str)))
