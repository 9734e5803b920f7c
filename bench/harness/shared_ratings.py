"""Ratings handed to workers as memory-mapped files: one copy on the machine, whatever the number of workers."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cfce.ratings import Ratings
from cfce.scale import RatingScale

COLUMNS = ("user", "item", "level")


def write_shared(ratings: Ratings, folder: Path) -> None:
    """Write the columns as ``.npy`` files and the vocabularies as JSON (no pickle)."""
    folder.mkdir(parents=True, exist_ok=True)
    for column in COLUMNS:
        np.save(folder / f"{column}.npy", np.ascontiguousarray(getattr(ratings, column)), allow_pickle=False)
    about = {
        "name": ratings.name,
        "scale": ratings.scale.values,
        "user_ids": ratings.user_ids.tolist(),
        "item_ids": ratings.item_ids.tolist(),
    }
    (folder / "about.json").write_text(json.dumps(about, default=str))


def open_shared(folder: Path) -> Ratings:
    """The ratings that ``write_shared`` wrote; the columns stay on disk until read, and are shared between processes."""
    about = json.loads((folder / "about.json").read_text())
    user, item, level = (np.asarray(np.load(folder / f"{column}.npy", mmap_mode="r", allow_pickle=False)) for column in COLUMNS)
    return Ratings(
        user, item, level, _ids(about["user_ids"]), _ids(about["item_ids"]), RatingScale(tuple(about["scale"])), about["name"]
    )


def _ids(ids: list[int | str | float]) -> NDArray[np.generic]:
    """Ids as an array: whole numbers as such, everything else as it came; ids of several types as text."""
    kinds = {type(one) for one in ids}
    if kinds == {int}:
        return np.asarray(ids)
    return np.asarray(ids if len(kinds) == 1 else [str(one) for one in ids], dtype=object)
