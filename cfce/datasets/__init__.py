"""Datasets by name or from a file: everything that turns a source into ``Ratings``."""

from collections.abc import Callable
from pathlib import Path

from cfce.datasets.cache import cache_dir
from cfce.datasets.dataset import Dataset, NoOptions, Place
from cfce.datasets.loading import BY_NAME, dataset_at, dataset_named, describe, load
from cfce.datasets.movielens_archive import MovieLensOptions
from cfce.datasets.reading.options import Columns, Levels, ReadingOptions
from cfce.datasets.synthetic import BayesLimit, SyntheticTruth, load_truth
from cfce.datasets.synthetic_files import synthetic_size
from cfce.ratings import Ratings
from cfce.scale import RatingScale

__all__ = [
    "BY_NAME",
    "DATASETS",
    "BayesLimit",
    "Columns",
    "Dataset",
    "Levels",
    "MovieLensOptions",
    "NoOptions",
    "Place",
    "ReadingOptions",
    "SyntheticTruth",
    "cache_dir",
    "dataset_at",
    "dataset_named",
    "describe",
    "load",
    "load_dataset",
    "load_truth",
    "synthetic_size",
]

DATASETS: dict[str, str] = {name: dataset.description for name, dataset in BY_NAME.items()}
"""Name to its one-line description."""


def load_dataset(
    name: str,
    *,
    item_key: str = "title",
    path: Path | None = None,
    cache: Path | None = None,
    say: Callable[[str], None] = print,
    scale: RatingScale | None = None,
) -> Ratings:
    """``load`` with the item key of MovieLens and the scale of a file as flags; ``path`` goes before ``name``."""
    dataset = dataset_named(name) if path is None else dataset_at(Path(path), name)
    options: MovieLensOptions | ReadingOptions | None = None
    if dataset.options is MovieLensOptions:
        options = MovieLensOptions(item_key)
    elif dataset.options is ReadingOptions:
        options = ReadingOptions(scale=scale)
    return load(name, options, path=None if path is None else Path(path), cache=cache, say=say)
