"""The first ratings of a dataset, as a dataset of its own: ``ml-100k-first-5000``."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfce.datasets import load_dataset
from cfce.ratings import Ratings
from cfce.scale import RatingScale

SLICE = re.compile(r"(?P<dataset>.+)-first-(?P<n>[1-9][0-9]*)")


def load_ratings(
    name: str,
    *,
    item_key: str = "title",
    path: Path | None = None,
    say: Callable[[str], None],
    scale: RatingScale | None = None,
) -> Ratings:
    """The ratings of a dataset, or the first n of them where the name ends in ``-first-n``; ``scale`` is for a table."""
    found = SLICE.fullmatch(name)
    if found is None:
        return load_dataset(name, item_key=item_key, path=path, say=say, scale=scale)
    whole = load_dataset(found["dataset"], item_key=item_key, path=path, say=say, scale=scale)
    return first_ratings(whole, int(found["n"]))


def first_ratings(ratings: Ratings, n: int) -> Ratings:
    """The first n rows, with the vocabularies that they use; the name says so.

    >>> ratings = Ratings.from_columns([9, 8, 7], ["a", "b", "c"], [1, 2, 3])
    >>> short = first_ratings(ratings, 2)
    >>> short.name, short.user_ids.tolist(), short.user.tolist(), short.scale.n_levels
    ('ratings-first-2', [8, 9], [2, 1], 3)
    """
    if n >= len(ratings):
        return ratings
    user, user_ids = _recode(ratings.user[:n], ratings.user_ids)
    item, item_ids = _recode(ratings.item[:n], ratings.item_ids)
    name = f"{ratings.name}-first-{n}"
    return Ratings(user, item, np.asarray(ratings.level[:n]), user_ids, item_ids, ratings.scale, name)


def _recode(codes: NDArray[np.int32], ids: NDArray[Any]) -> tuple[NDArray[np.int32], NDArray[Any]]:
    used, recoded = np.unique(codes, return_inverse=True)
    return (recoded + 1).astype(np.int32), ids[used - 1]
