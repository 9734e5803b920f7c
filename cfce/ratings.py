"""Rating data: users, items, levels, and the vocabularies they point into."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfce.errors import UserError
from cfce.scale import RatingScale

UNKNOWN = 0
"""The code of a user or item that training has not seen: row 0 of every embedding."""


@dataclass(frozen=True, eq=False)
class Ratings:
    """N ratings in 9 bytes each, beside the id vocabularies; 8 bytes more where the source has timestamps.

    ``user`` and ``item`` are codes, (N,) int32: code c is ``user_ids[c - 1]``, and code 0 is kept for the unknown.
    ``level`` is (N,) uint8, an index into ``scale``. A (user, item) pair may come more than once.
    ``timestamp`` is (N,) int64, seconds since 1970, or None. ``labels`` holds what else the source says of its rows, by name,
    (N,) uint8 each: ``'part'`` is 0, 1, 2 for train, valid, test.
    """

    user: NDArray[np.int32]
    item: NDArray[np.int32]
    level: NDArray[np.uint8]
    user_ids: NDArray[Any]
    item_ids: NDArray[Any]
    scale: RatingScale
    name: str = "ratings"
    timestamp: NDArray[np.int64] | None = None
    labels: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not len(self.user) == len(self.item) == len(self.level):
            raise UserError(
                f"user, item and level have one row a rating, but came with "
                f"{len(self.user)}, {len(self.item)} and {len(self.level)} rows"
            )
        if len(self.user) == 0:
            raise UserError("no ratings came; at least one is needed")
        for what, codes, ids in (("user", self.user, self.user_ids), ("item", self.item, self.item_ids)):
            if codes.dtype != np.int32 or codes.min() < 1 or codes.max() > len(ids):
                raise UserError(f"{what} codes are int32 from 1 to {len(ids)}, the size of the vocabulary")
            if len(set(ids.tolist())) != len(ids):
                raise UserError(f"a {what} id comes twice in the vocabulary; each id comes once")
        if self.level.dtype != np.uint8 or self.level.max() >= self.scale.n_levels:
            raise UserError(f"levels are uint8 from 0 to {self.scale.n_levels - 1}")
        if self.timestamp is not None and (self.timestamp.dtype != np.int64 or len(self.timestamp) != len(self.level)):
            raise UserError(f"timestamps are int64, one a rating, but came as {len(self.timestamp)} {self.timestamp.dtype}")
        for what, label in self.labels.items():
            if label.dtype != np.uint8 or len(label) != len(self.level):
                raise UserError(f"the labels '{what}' are uint8, one a rating, but came as {len(label)} {label.dtype}")

    @classmethod
    def from_columns(
        cls,
        user: Sequence[Any] | NDArray[Any],
        item: Sequence[Any] | NDArray[Any],
        rating: Sequence[float] | NDArray[Any],
        scale: RatingScale | None = None,
        name: str = "ratings",
        timestamp: Sequence[int] | NDArray[np.integer] | None = None,
    ) -> "Ratings":
        """Check the columns and code them; without ``scale`` the distinct ratings are the scale.

        Ids that are whole numbers stored as floats become ints.

        >>> ratings = Ratings.from_columns(["u", "v", "u"], [7, 7, 9], [1, 2, 2])
        >>> ratings.user.tolist(), ratings.item.tolist(), ratings.level.tolist()
        ([1, 2, 1], [1, 1, 2], [0, 1, 1])
        """
        import pandas as pd

        for what, column in (("user", user), ("item", item), ("rating", rating)):
            missing = np.flatnonzero(pd.isna(pd.Series(column)).to_numpy())
            if missing.size:
                raise UserError(f"the {what} in row {missing[0]} is missing; every rating needs a user, an item and a rating")
        values = np.asarray(rating)
        try:
            values = values if values.dtype in (np.float16, np.float32) else values.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise UserError(f"ratings are numbers, but one came that is not ({error})") from error
        scale = scale or RatingScale.of(values)
        times = None if timestamp is None else np.asarray(timestamp, dtype=np.int64)
        user_codes, user_ids = _code(user)
        item_codes, item_ids = _code(item)
        return cls(user_codes, item_codes, scale.levels_of(values), user_ids, item_ids, scale, name, times)

    def __len__(self) -> int:
        """N, the number of ratings."""
        return len(self.level)

    @property
    def n_users(self) -> int:
        """Rows of a user embedding: the users and the unknown row."""
        return len(self.user_ids) + 1

    @property
    def n_items(self) -> int:
        """Rows of an item embedding: the items and the unknown row."""
        return len(self.item_ids) + 1

    def renamed(self, name: str) -> "Ratings":
        """The same ratings under another name."""
        other = replace(self, name=name)
        for known in ("fingerprint", "n_repeated_pairs"):
            if known in vars(self):
                vars(other)[known] = vars(self)[known]
        return other

    @cached_property
    def n_repeated_pairs(self) -> int:
        """Ratings whose (user, item) pair has come before."""
        pairs = self.user.astype(np.int64)
        pairs *= self.n_items
        pairs += self.item
        pairs.sort()  # in place: np.unique would hold several copies
        return int(np.count_nonzero(pairs[1:] == pairs[:-1]))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the rows in their order, the vocabularies and the scale: the same for the same data from any source.

        Name, timestamps and labels are not in it: they change how ratings are split, and a split is proved by its rows.
        """
        digest = hashlib.sha256()
        for ids in (self.user_ids, self.item_ids):
            digest.update("\0".join(map(str, ids)).encode() + b"\1")
        digest.update(repr(self.scale.values).encode())
        for column, kind in ((self.user, "<i4"), (self.item, "<i4"), (self.level, "u1")):
            digest.update(np.ascontiguousarray(column, dtype=kind).data)
        return digest.hexdigest()


def _code(ids: Sequence[Any] | NDArray[Any]) -> tuple[NDArray[np.int32], NDArray[Any]]:
    """Codes from 1 in the sorted order of the ids, and the sorted ids."""
    import pandas as pd

    if isinstance(ids, pd.Series):
        ids = ids.to_numpy()
    if not isinstance(ids, np.ndarray):  # one by one: NumPy would make 1 and "1" the same, and rows of tuples
        ids = np.fromiter(ids, dtype=object, count=len(ids))
    codes, uniques = pd.factorize(ids)
    uniques = np.asarray(uniques)
    if all(isinstance(one, float) and one.is_integer() and abs(one) < 2**53 for one in uniques.tolist()):
        uniques = uniques.astype(np.int64)
    if uniques.dtype == object and all(type(one) is int and -(2**63) <= one < 2**63 for one in uniques):
        uniques = uniques.astype(np.int64)
    try:
        order = np.argsort(uniques, kind="stable")
    except TypeError:  # ids of several types have no order of their own
        order = np.argsort(np.array([str(one) for one in uniques]), kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(1, len(order) + 1, dtype=np.int32)
    return rank[codes], uniques[order]
