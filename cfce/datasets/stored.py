"""Ratings as a folder of plain columns, opened as memory maps: what the cache holds, and what several processes can share.

``user`` and ``item`` are int32, ``level`` uint8, ``timestamp`` int64 and ``label.NAME`` uint8, little-endian and nothing else;
ids are int64 or text in JSON; ``about.json`` holds the scale, the fingerprint and what proves the rest.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfce.ratings import Ratings
from cfce.scale import RatingScale

FORMAT = 1
"""Goes up when the files mean something else, so that older folders are read again from their source."""
KINDS = {"user": "<i4", "item": "<i4", "level": "|u1", "timestamp": "<i8"}
LABEL = "label."
"""Before the name of a label's file."""


class Damaged(Exception):  # noqa: N818 - the source is read again
    """A folder is not as it was written, and why."""


def save_ratings(ratings: Ratings, folder: Path, about: Mapping[str, Any] | None = None) -> None:
    """Write ratings into a new folder; ``about`` is kept with them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, kind in KINDS.items():
        if (column := getattr(ratings, name)) is not None:
            np.ascontiguousarray(column, dtype=kind).tofile(folder / name)
    for name, label in ratings.labels.items():
        np.ascontiguousarray(label).tofile(folder / f"{LABEL}{name}")
    complete_folder(folder, ratings.scale, ratings.name, ratings.user_ids, ratings.item_ids, about)


def complete_folder(
    folder: Path,
    scale: RatingScale,
    name: str,
    user_ids: NDArray[Any],
    item_ids: NDArray[Any],
    about: Mapping[str, Any] | None = None,
) -> Ratings:
    """Make a folder that has the columns whole: write ids, scale and proofs. Gives the ratings."""
    for what, ids in (("user", user_ids), ("item", item_ids)):
        _write_ids(folder / f"{what}_ids", ids)
    content = {"format": FORMAT, "name": name, "scale": scale.values, **(about or {})}
    (folder / "about.json").write_text(json.dumps(content))
    ratings = open_ratings(folder)
    content |= {"fingerprint": ratings.fingerprint, "repeated_pairs": ratings.n_repeated_pairs, "rest": _rest(ratings)}
    (folder / "about.json").write_text(json.dumps(content, indent=1) + "\n")
    return ratings


def open_ratings(folder: Path, check: bool = False) -> Ratings:
    """The ratings in a folder, as memory maps; ``check`` proves that every byte is as it was written.

    Raises ``Damaged`` where the folder is not whole.
    """
    try:
        about = about_folder(folder)
        columns = {name: _map(folder / name, kind) for name, kind in KINDS.items() if (folder / name).exists()}
        labels = {path.name.removeprefix(LABEL): _map(path, "|u1") for path in sorted(folder.glob(f"{LABEL}*"))}
        ids = {f"{what}_ids": _read_ids(folder / f"{what}_ids") for what in ("user", "item")}
        ratings = Ratings(**columns, **ids, scale=RatingScale(tuple(about["scale"])), name=about["name"], labels=labels)
        if check and (ratings.fingerprint != about["fingerprint"] or _rest(ratings) != about["rest"]):
            raise Damaged("its ratings have another fingerprint")
    except Damaged:
        raise
    except Exception as error:  # whatever a damaged file makes its reader raise, it is a damaged file
        raise Damaged(f"it cannot be read: {type(error).__name__}") from error
    if "repeated_pairs" in about:
        vars(ratings)["n_repeated_pairs"] = about["repeated_pairs"]  # counting them again would sort all pairs
    return ratings


def in_memory(mapped: Ratings) -> Ratings:
    """Ratings whose columns need no folder any more."""
    return replace(
        mapped,
        user=np.array(mapped.user),
        item=np.array(mapped.item),
        level=np.array(mapped.level),
        timestamp=None if mapped.timestamp is None else np.array(mapped.timestamp),
        labels={name: np.array(label) for name, label in mapped.labels.items()},
    )


def about_folder(folder: Path) -> dict[str, Any]:
    """What ``about.json`` says; ``Damaged`` where it is none or of another format."""
    try:
        about: dict[str, Any] = json.loads((folder / "about.json").read_bytes())
    except (OSError, ValueError) as error:
        raise Damaged(f"it cannot be read: {type(error).__name__}") from error
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise Damaged("it has another format")
    return about


def _map(path: Path, kind: str) -> NDArray[Any]:
    return np.asarray(np.memmap(path, dtype=kind, mode="r"))


def _write_ids(path: Path, ids: NDArray[Any]) -> None:
    if ids.dtype.kind == "i":
        np.save(path.with_suffix(".npy"), ids.astype("<i8"), allow_pickle=False)
    else:
        path.with_suffix(".json").write_text(json.dumps(ids.tolist(), default=str))


def _read_ids(path: Path) -> NDArray[Any]:
    if path.with_suffix(".npy").exists():
        return np.asarray(np.load(path.with_suffix(".npy"), allow_pickle=False))
    values = json.loads(path.with_suffix(".json").read_bytes())
    ids = np.empty(len(values), dtype=object)
    ids[:] = [tuple(value) if isinstance(value, list) else value for value in values]
    return ids


def _rest(ratings: Ratings) -> str:
    """A digest of what the fingerprint leaves out: timestamps and labels."""
    digest = hashlib.sha256()
    if ratings.timestamp is not None:
        digest.update(np.ascontiguousarray(ratings.timestamp, dtype="<i8").data)
    for name, label in ratings.labels.items():
        digest.update(name.encode() + np.ascontiguousarray(label).tobytes())
    return digest.hexdigest()
