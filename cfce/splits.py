"""Protocols: named ways of splitting ratings into train, valid and test."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cfce.errors import UserError, unknown_name
from cfce.ratings import UNKNOWN, Ratings
from cfce.scale import RatingScale
from cfce.seeds import stream

PROTOCOLS: dict[str, tuple[str, tuple[float, float]]] = {
    "random-80-10-10": ("80 % train, 10 % valid, 10 % test, at random; choose on valid, report on test", (0.8, 0.1)),
    "random-80-20": ("80 % train, 20 % valid, at random: the fastai book's; valid is what is reported", (0.8, 0.2)),
}
"""Name to its description and its shares of train and valid; the rest is test."""

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

    Train and valid have their share of the rows rounded down, and the rest is test.

    Raises ``UserError`` for an unknown protocol, or where train or valid would be empty.
    """
    if protocol not in PROTOCOLS:
        raise unknown_name("protocol", protocol, PROTOCOLS)
    n = len(ratings)
    train_share, valid_share = PROTOCOLS[protocol][1]
    n_train = int(n * train_share)
    n_valid = n - n_train if train_share + valid_share == 1 else int(n * valid_share)
    if not n_train or not n_valid:
        raise UserError(f"{n} ratings are too few for the protocol '{protocol}'; at least 10 are needed")
    order = np.arange(n, dtype=np.int32)  # shuffled in place: half the memory of a permutation's int64
    stream(split, "split").shuffle(order)
    return Fold(ratings, protocol, split, order[:n_train], order[n_train : n_train + n_valid], order[n_train + n_valid :])
