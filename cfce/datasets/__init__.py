"""Datasets by name or from a file: everything that turns a source into ``Ratings``."""

from collections.abc import Callable
from pathlib import Path

from cfce.datasets.cache import cache_dir
from cfce.datasets.synthetic import BayesLimit, SyntheticTruth, load_truth
from cfce.datasets.synthetic_files import synthetic_ratings, synthetic_size
from cfce.errors import UserError, unknown_name
from cfce.ratings import Ratings
from cfce.scale import RatingScale

__all__ = ["DATASETS", "BayesLimit", "SyntheticTruth", "cache_dir", "load_dataset", "load_truth", "synthetic_size"]

DATASETS: dict[str, str] = {
    "ml-100k": "MovieLens 100k: 100,000 ratings of 1 to 5 by 943 users of 1,664 titles (1,682 movie ids); fetched once",
    "synthetic-N": "N drawn ratings of 1 to 5, such as synthetic-100000, whose true distributions are known; N up to 100 million",
}
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
    """The ratings of a named dataset, or of a file.

    ``path`` goes before ``name``: MovieLens 100k as its zip, its folder or u.data, or a CSV, TSV or Parquet file with the columns
    user, item and rating (``scale`` then gives the allowed ratings; without it they are the distinct ones). ``item_key`` is
    MovieLens' alone: ``'title'`` joins the movie ids that share a title, ``'id'`` keeps them apart. ``cache`` is ``cache_dir()``
    where it is None. ``say`` gets each line for the person: where data came from, what was wrong with a source, what was read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load_dataset("synthetic-1000", cache=Path(folder)).n_users
    96

    Raises ``UserError`` for a name, file or row that is not as it should be.
    """
    if path is not None:
        ratings = _from_path(Path(path), item_key, say, scale)
    elif (n := synthetic_size(name)) is not None:
        return synthetic_ratings(n, cache or cache_dir(), say)
    elif name == "ml-100k":
        from cfce.datasets.fetch import ML_100K
        from cfce.datasets.movielens_cache import cached_ratings

        ratings = cached_ratings(ML_100K, item_key, cache or cache_dir(), say)
    else:
        raise unknown_name("dataset", name, DATASETS)
    say(describe(ratings))
    return ratings


def describe(ratings: Ratings) -> str:
    """One line on what was read, repeated pairs counted.

    >>> describe(Ratings.from_columns(["u", "v", "u"], [7, 7, 7], [1, 2, 2], name="tiny"))
    'tiny: 3 ratings by 2 users of 1 items; 1 repeats an earlier (user, item) pair'
    """
    repeated = ratings.n_repeated_pairs
    counts = f"{len(ratings):,} ratings by {len(ratings.user_ids):,} users of {len(ratings.item_ids):,} items"
    return f"{ratings.name}: {counts}; {repeated:,} repeat{'s' * (repeated == 1)} an earlier (user, item) pair"


def _from_path(path: Path, item_key: str, say: Callable[[str], None], scale: RatingScale | None) -> Ratings:
    from cfce.datasets.table import SUFFIXES, read_table

    if not path.exists():
        raise UserError(
            f"'{path}' does not exist; pass ml-100k.zip, its folder, u.data, or a {', '.join(SUFFIXES)} file of ratings"
        )
    if path.suffix in SUFFIXES and path.is_file():
        return read_table(path, scale)
    if path.is_dir() or path.suffix in (".zip", ".data"):
        from cfce.datasets.movielens_path import ratings_from_path

        return ratings_from_path(path, item_key, say)
    raise UserError(f"'{path}' is no known kind of file; allowed: ml-100k.zip, its folder, u.data, {', '.join(SUFFIXES)}")
