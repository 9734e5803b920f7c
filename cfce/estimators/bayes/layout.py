"""The ratings of train in the order of the users and in that of the items."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfce.splits import Part


@dataclass(frozen=True, eq=False)
class Layout:
    """n ratings of train, 17 bytes each: users and items that train has are rows 0 to n_users - 1 and n_items - 1.

    Each side has one more row, its last, without ratings: the unseen user or item, whose draws come from the prior.
    """

    user_start: NDArray[np.int64]
    """Where a user's ratings begin in the order of the users, (n_users + 2,)."""
    item: NDArray[np.int32]
    """Item rows in the order of the users, (n,)."""
    level: NDArray[np.uint8]
    """Levels in the order of the users, (n,)."""
    item_start: NDArray[np.int64]
    """Where an item's ratings begin in the order of the items, (n_items + 2,)."""
    user: NDArray[np.int32]
    """User rows in the order of the items, (n,)."""
    at: NDArray[np.int32]
    """The place in the order of the users, in the order of the items, (n,)."""
    user_row: NDArray[np.int32]
    """User code to row; codes that train lacks have the row of the unseen."""
    item_row: NDArray[np.int32]
    """The same for items."""

    @property
    def n_users(self) -> int:
        """Users in train."""
        return len(self.user_start) - 2

    @property
    def n_items(self) -> int:
        """Items in train."""
        return len(self.item_start) - 2

    @classmethod
    def of(cls, train: Part, n_user_codes: int, n_item_codes: int) -> "Layout":
        """Sort the ratings of train both ways."""
        user_row, n_users = _rows(train.user, n_user_codes)
        item_row, n_items = _rows(train.item, n_item_codes)
        user = user_row[train.user]
        order = np.argsort(user, kind="stable")
        item, level, user = item_row[train.item][order], train.level[order], user[order]
        at = np.argsort(item, kind="stable").astype(np.int32)
        return cls(_starts(user, n_users), item, level, _starts(item, n_items), user[at], at, user_row, item_row)

    def rows_of(self, part: Part) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The user rows and item rows of a held-out part."""
        return self.user_row[part.user], self.item_row[part.item]


def _rows(codes: NDArray[np.int32], n_codes: int) -> tuple[NDArray[np.int32], int]:
    counts = np.bincount(codes, minlength=n_codes)
    counts[0] = 0
    seen = counts > 0
    n = int(seen.sum())
    return np.where(seen, np.cumsum(seen) - 1, n).astype(np.int32), n


def _starts(rows: NDArray[np.int32], n: int) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=n + 1))]).astype(np.int64)
