"""Rows that are left out after reading: repeated pairs, and users and items with few ratings."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cfce.datasets.reading.options import ReadingOptions
from cfce.errors import UserError
from cfce.ratings import Ratings


@dataclass(frozen=True)
class _Rows:
    """Which rows are left, and their levels."""

    rows: NDArray[np.int64]
    level: NDArray[np.uint8]


def needs_filters(options: ReadingOptions) -> bool:
    """Whether the options leave any row out."""
    return options.duplicates != "keep" or options.min_user_ratings > 1 or options.min_item_ratings > 1


def filtered(ratings: Ratings, options: ReadingOptions) -> tuple[Ratings, tuple[str, ...]]:
    """The ratings that the options leave, with the ids that they use, and lines on what was left out.

    Raises ``UserError`` where nothing is left.
    """
    left = _Rows(np.arange(len(ratings)), np.asarray(ratings.level))
    notes = []
    if options.duplicates != "keep":
        left = _without_duplicates(ratings, options.duplicates)
        what = "the last" if options.duplicates == "last" else "the mean, rounded to the scale,"
        notes.append(f"{len(ratings) - len(left.rows):,} repeated pairs left out: {what} of each is kept")
    if options.min_user_ratings > 1 or options.min_item_ratings > 1:
        rows = _with_enough(ratings, left.rows, options.min_user_ratings, options.min_item_ratings)
        notes.append(
            f"{len(left.rows) - len(rows):,} ratings left out: users have at least {options.min_user_ratings}, "
            f"items at least {options.min_item_ratings}"
        )
        left = _Rows(rows, left.level[np.searchsorted(left.rows, rows)])
        if not len(rows):
            raise UserError(
                f"no rating of '{ratings.name}' is left: none belongs to users with {options.min_user_ratings} and items with "
                f"{options.min_item_ratings} ratings; ask for fewer (--min-user-ratings, --min-item-ratings)"
            )
    return _taken(ratings, left), tuple(notes)


def _without_duplicates(ratings: Ratings, how: str) -> _Rows:
    """One row a pair: its last, by time where there are times, with its own level or that of the mean."""
    pair = ratings.user.astype(np.int64) * ratings.n_items + ratings.item
    order = np.argsort(pair, kind="stable") if ratings.timestamp is None else np.lexsort((ratings.timestamp, pair))
    pair = pair[order]
    last = np.append(pair[1:] != pair[:-1], True)
    rows, level = order[last], np.asarray(ratings.level)[order[last]]
    if how == "mean":
        values = np.asarray(ratings.scale.values)[ratings.level[order]]
        ends = np.flatnonzero(last)
        starts = np.append(0, ends[:-1] + 1)
        level = ratings.scale.nearest(np.add.reduceat(values, starts) / (ends - starts + 1))
    by_row = np.argsort(rows)
    return _Rows(rows[by_row], level[by_row])


def _with_enough(ratings: Ratings, rows: NDArray[np.int64], least_user: int, least_item: int) -> NDArray[np.int64]:
    """The rows whose users and items have enough ratings among these rows."""
    while True:
        user, item = ratings.user[rows], ratings.item[rows]
        enough = np.bincount(user, minlength=1)[user] >= least_user
        enough &= np.bincount(item, minlength=1)[item] >= least_item
        if enough.all():
            return rows
        rows = rows[enough]


def _taken(ratings: Ratings, left: _Rows) -> Ratings:
    rows = left.rows
    used_users, user = np.unique(ratings.user[rows], return_inverse=True)
    used_items, item = np.unique(ratings.item[rows], return_inverse=True)
    return replace(
        ratings,
        user=(user + 1).astype(np.int32),
        item=(item + 1).astype(np.int32),
        level=left.level,
        user_ids=ratings.user_ids[used_users - 1],
        item_ids=ratings.item_ids[used_items - 1],
        timestamp=None if ratings.timestamp is None else ratings.timestamp[rows],
        labels={name: label[rows] for name, label in ratings.labels.items()},
    )
