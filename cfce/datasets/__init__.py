"""Datasets by name or from a file: everything that turns a source into ``Ratings``."""

from pathlib import Path

from cfce.datasets.cache import Say, cache_dir
from cfce.datasets.fetch import ML_100K
from cfce.datasets.movielens_cache import cached_ratings
from cfce.errors import unknown_name
from cfce.ratings import Ratings

__all__ = ["DATASETS", "cache_dir", "load_dataset"]

DATASETS: dict[str, str] = {
    "ml-100k": "MovieLens 100k: 100,000 ratings of 1 to 5 by 943 users of 1,664 titles (1,682 movie ids); fetched once",
}
"""Name to its one-line description."""


def load_dataset(
    name: str, *, item_key: str = "title", path: Path | None = None, cache: Path | None = None, say: Say = print
) -> Ratings:
    """The ratings of a named dataset."""
    if name == "ml-100k":
        return cached_ratings(ML_100K, item_key, cache or cache_dir(), say)
    raise unknown_name("dataset", name, DATASETS)
