"""Ratings by name or path with the options of their dataset, and the first of them: ``ml-100k-first-5000``."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from cfce.datasets import Dataset, MovieLensOptions, ReadingOptions, dataset_at, dataset_named, load_dataset
from cfce.errors import UserError, unknown_name
from cfce.options import KINDS, Option
from cfce.ratings import Ratings

SLICE = re.compile(r"(?P<dataset>.+)-first-(?P<n>[1-9][0-9]*)")


def load_ratings(
    name: str, options: Mapping[str, str] | None = None, *, path: Path | None = None, report: Callable[[str], None]
) -> Ratings:
    """The ratings of a dataset or at a path, or the first n of them where the name ends in ``-first-n``.

    ``options`` are options of the dataset as text. Raises ``UserError`` for one that it does not have.
    """
    found = SLICE.fullmatch(name) if path is None else None
    whole = found["dataset"] if found else name
    dataset = dataset_named(whole) if path is None else dataset_at(path, whole)
    ratings = load_dataset(whole, options_from_text(dataset, options or {}), path=path, log=report)
    return first_ratings(ratings, int(found["n"])) if found else ratings


def options_from_text(dataset: Dataset, texts: Mapping[str, str]) -> Any:
    """A dataset's options, read from text; those that are not named keep their defaults.

    >>> options_from_text(dataset_named("ml-100k"), {"item_key": "id"})
    MovieLensOptions(item_key='id')
    """
    hints = get_type_hints(dataset.options)
    known = {field.name: hints[field.name] for field in fields(dataset.options)}
    for name in texts:
        if name not in known:
            told = f"; its options are {', '.join(known)}" if known else ", which has no options"
            flags = {field.name for options in (MovieLensOptions, ReadingOptions) for field in fields(options)}
            came = f"--{name.replace('_', '-')}" if name in flags else f"--dataset-option {name}"
            raise UserError(f"{came} came with {dataset.name}{told}; leave it out")
    return dataset.options(**{name: _read(name, text, known[name]) for name, text in texts.items()})


def _read(name: str, text: str, kind: Any) -> Any:
    """A value of a type such as ``int | None``, ``Literal`` or a class that parses text."""
    if get_origin(kind) is Literal:
        if text not in get_args(kind):
            raise unknown_name(name.replace("_", " "), text, get_args(kind))
        return text
    if get_origin(kind) in (Union, UnionType):
        kind = next(one for one in get_args(kind) if one is not type(None))
    if kind in KINDS:
        return Option(name, kind, {int: 1, float: 1.0, bool: True, str: ""}[kind]).value(text)
    return kind.parse(text)


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
    times = None if ratings.timestamp is None else np.asarray(ratings.timestamp[:n])
    labels = {label: np.asarray(values[:n]) for label, values in ratings.labels.items()}
    return Ratings(user, item, np.asarray(ratings.level[:n]), user_ids, item_ids, ratings.scale, name, times, labels)


def _recode(codes: NDArray[np.int32], ids: NDArray[Any]) -> tuple[NDArray[np.int32], NDArray[Any]]:
    used, recoded = np.unique(codes, return_inverse=True)
    return (recoded + 1).astype(np.int32), ids[used - 1]
