"""Folds: the parts of ratings under a protocol, with what train has not seen made unknown."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cfce.errors import UserError
from cfce.protocols import PROTOCOLS
from cfce.protocols.protocol import Rows
from cfce.ratings import UNKNOWN, Ratings
from cfce.registry import BUILT_IN
from cfce.scale import RatingScale
from cfce.seeds import stream
from cfce.text import short

PARTS = ("train", "valid", "test")


@dataclass(frozen=True)
class Part:
    """The ratings of one part of a fold: user and item codes (n,) int32, levels (n,) uint8."""

    user: NDArray[np.int32]
    item: NDArray[np.int32]
    level: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.level)


@dataclass(frozen=True, eq=False)
class Fold:
    """One split of ratings: the row numbers of train, valid and test (test may be empty)."""

    ratings: Ratings
    protocol: str
    split: int
    train_rows: NDArray[np.int32]
    valid_rows: NDArray[np.int32]
    test_rows: NDArray[np.int32]

    @property
    def scale(self) -> RatingScale:
        """The scale of the ratings."""
        return self.ratings.scale

    @property
    def held_out(self) -> tuple[str, ...]:
        """The held-out parts that have rows."""
        return tuple(part for part in ("valid", "test") if len(self.rows(part)))

    def rows(self, part: str) -> NDArray[np.int32]:
        """The row numbers of a part, (n,)."""
        return {"train": self.train_rows, "valid": self.valid_rows, "test": self.test_rows}[part]

    @cached_property
    def train(self) -> Part:
        """The ratings to train on."""
        return self._part(self.train_rows)

    @cached_property
    def valid(self) -> Part:
        """The ratings to choose on; users and items absent from train have the code of the unknown."""
        return self._held_out(self.valid_rows)

    @cached_property
    def test(self) -> Part:
        """The ratings to report on; users and items absent from train have the code of the unknown."""
        return self._held_out(self.test_rows)

    def part(self, name: str) -> Part:
        """The part of that name: ``'train'``, ``'valid'`` or ``'test'``."""
        return {"train": lambda: self.train, "valid": lambda: self.valid, "test": lambda: self.test}[name]()

    def unknown_counts(self, name: str) -> tuple[int, int]:
        """How many ratings of a part have a user, and how many an item, that train does not have."""
        part = self.part(name)
        return int((part.user == UNKNOWN).sum()), int((part.item == UNKNOWN).sum())

    def _part(self, rows: NDArray[np.int32]) -> Part:
        return Part(self.ratings.user[rows], self.ratings.item[rows], self.ratings.level[rows])

    def _held_out(self, rows: NDArray[np.int32]) -> Part:
        known_user = np.zeros(self.ratings.n_users, dtype=bool)
        known_item = np.zeros(self.ratings.n_items, dtype=bool)
        known_user[self.train.user] = True
        known_item[self.train.item] = True
        part = self._part(rows)
        user = np.where(known_user[part.user], part.user, UNKNOWN).astype(np.int32)
        item = np.where(known_item[part.item], part.item, UNKNOWN).astype(np.int32)
        return Part(user, item, part.level)


def split_ratings(ratings: Ratings, protocol: str, split: int) -> Fold:
    """The fold number ``split`` of ``ratings`` under a named protocol; the same number gives the same rows.

    Raises ``UserError`` for an unknown protocol, for a fold that it does not have, where it cannot split these ratings, and for a
    protocol that gives something else than rows of the ratings, no row in two parts.
    """
    chosen = PROTOCOLS[protocol]
    if split < 0 or (chosen.n_folds is not None and split >= chosen.n_folds):
        has = "any fold from 0" if chosen.n_folds is None else f"the folds 0 to {chosen.n_folds - 1}"
        raise UserError(f"fold {split} came, but the protocol '{protocol}' has {has}")
    rows = chosen.split(ratings, split, stream(chosen.stream_seed(split), "split"))
    if PROTOCOLS.source(protocol) != BUILT_IN:
        rows = _checked(rows, len(ratings), protocol)
    return Fold(ratings, protocol, split, *rows)


def _checked(found: object, n: int, protocol: str) -> tuple[Rows, Rows, Rows]:
    """The rows that a protocol of a plug-in gives; ``UserError`` where they are no parts of n ratings."""

    def wrong(what: str) -> UserError:
        return UserError(f"the protocol '{protocol}' {what}; it gives the row numbers of train, valid and test, no row twice")

    if not isinstance(found, tuple | list) or len(found) != len(PARTS):
        raise wrong(f"gave {short(type(found).__name__)} and not three arrays")
    seen = np.zeros(n, dtype=bool)
    for part, rows in zip(PARTS, map(np.asarray, found), strict=True):
        if rows.ndim != 1 or (len(rows) and rows.dtype.kind not in "iu"):
            raise wrong(f"gave a {part} of {rows.dtype} of the shape {rows.shape}")
        if len(rows) and not (rows.min() >= 0 and rows.max() < n):
            raise wrong(f"gave a {part} with row {rows.max() if rows.max() >= n else rows.min()} of {n:,} ratings")
        if seen[rows.astype(np.intp)].any() or len(np.unique(rows)) < len(rows):
            raise wrong(f"gave a {part} with rows that came before")
        seen[rows.astype(np.intp)] = True
        if not len(rows) and part != "test":
            raise wrong(f"gave an empty {part}")
    train, valid, test = (np.asarray(rows).astype(np.int32) for rows in found)
    return train, valid, test
