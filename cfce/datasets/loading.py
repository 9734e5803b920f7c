"""From a name or a path to ``Ratings``: which dataset it is, and what is told of it."""

from pathlib import Path
from typing import Any

from cfce.datasets.cache import Log, cache_dir
from cfce.datasets.dataset import Dataset, Place
from cfce.datasets.labels import unclaimed
from cfce.datasets.ml_1m import ML_1M
from cfce.datasets.ml_10m import ML_10M
from cfce.datasets.ml_20m import ML_20M
from cfce.datasets.ml_25m import ML_25M
from cfce.datasets.ml_32m import ML_32M
from cfce.datasets.ml_100k import ML_100K
from cfce.datasets.ml_latest_small import ML_LATEST_SMALL
from cfce.datasets.ratings_file import FILE
from cfce.datasets.synthetic_files import SYNTHETIC
from cfce.datasets.synthetic_kinds import GAUSSIAN, USER_THRESHOLDS
from cfce.errors import UserError, unknown_name
from cfce.ratings import Ratings
from cfce.registry import Registry
from cfce.text import counted

DATASETS: Registry[Dataset] = Registry("dataset")
"""Every dataset by its name, or by its pattern."""


def register_dataset(dataset: Dataset) -> Dataset:
    """Put a dataset under its name; a name that is taken raises ``UserError``."""
    return DATASETS.register(dataset.name, dataset)


for _dataset in (ML_100K, ML_LATEST_SMALL, ML_1M, ML_10M, ML_20M, ML_25M, ML_32M, SYNTHETIC, GAUSSIAN, USER_THRESHOLDS, FILE):
    register_dataset(_dataset)


def dataset_named(name: str) -> Dataset:
    """The dataset that a name is of; ``UserError`` for an unknown one, with the nearest."""
    for dataset in DATASETS.values():
        if dataset is not FILE and dataset.matches(name):
            return dataset
    raise unknown_name("dataset", name, [known for known in DATASETS if known != FILE.name])


def dataset_at(path: Path, name: str | None = None) -> Dataset:
    """The dataset that a path holds: the named one where it takes paths, one that knows its data, or a file of ratings."""
    if name is not None and name in DATASETS and DATASETS[name].takes_path:
        return DATASETS[name]
    return next((dataset for dataset in DATASETS.values() if dataset.is_at(path)), FILE)


def load_dataset(
    name: str | None = None,
    options: Any = None,
    *,
    path: Path | None = None,
    cache: Path | None = None,
    log: Log = print,
) -> Ratings:
    """The ratings of a named dataset, or at a path; ``options`` is of the dataset's own class, or None for its defaults.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load_dataset("synthetic-1000", cache=Path(folder)).n_users
    96

    Raises ``UserError`` for a name, path, file or row that is not as it should be.
    """
    if path is None and name is None:
        raise UserError("no dataset came; name one (--dataset), or pass ratings of your own (--data PATH)")
    dataset = dataset_named(name or "") if path is None else dataset_at(path, name)
    if options is None:
        options = dataset.options()
    if not isinstance(options, dataset.options):
        raise UserError(f"options of {dataset.name} are {dataset.options.__name__}, but {type(options).__name__} came")
    ratings = dataset.load(name or "", options, Place(path, cache or cache_dir(), log))
    if not isinstance(ratings, Ratings):
        raise UserError(f"the dataset '{dataset.name}' gave {type(ratings).__name__} and not Ratings; mend its load")
    if dataset is FILE and path is not None:
        ratings = _identified(ratings, path)
    if dataset is not SYNTHETIC:
        log(describe(ratings))
    return ratings


def describe(ratings: Ratings) -> str:
    """One line on what was read, repeated pairs counted.

    >>> describe(Ratings.from_columns(["u", "v", "u"], [7, 7, 7], [1, 2, 2], name="tiny"))
    'tiny: 3 ratings by 2 users of 1 item; 1 repeats an earlier (user, item) pair'
    """
    repeated = ratings.n_repeated_pairs
    users, items = counted(len(ratings.user_ids), "user"), counted(len(ratings.item_ids), "item")
    counts = f"{counted(len(ratings), 'rating')} by {users} of {items}"
    return f"{ratings.name}: {counts}; {repeated:,} repeat{'s' * (repeated == 1)} an earlier (user, item) pair"


def _identified(ratings: Ratings, path: Path) -> Ratings:
    """Ratings from a file, under the name of the dataset that they are, by their fingerprint, or a name that no dataset has."""
    from cfce.datasets.fetch import ML_100K as ORIGIN

    if ratings.fingerprint in ORIGIN.fingerprints.values():
        return ratings.renamed(ORIGIN.name)
    name = unclaimed(ratings.name, path, _is_dataset)
    return ratings if name == ratings.name else ratings.renamed(name)


def _is_dataset(name: str) -> bool:
    try:
        dataset_named(name)
    except UserError:
        return name.startswith("synthetic-")
    return True
