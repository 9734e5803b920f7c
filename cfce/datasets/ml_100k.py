"""``ml-100k``: the dataset of the fastai book, from GroupLens' archive or the copy in a wheel."""

import zipfile
from pathlib import Path

from cfce.datasets.dataset import Dataset, Place
from cfce.datasets.movielens_archive import MovieLensOptions
from cfce.ratings import Ratings


def _load(name: str, options: MovieLensOptions, place: Place) -> Ratings:
    if place.path is not None:
        from cfce.datasets.movielens_path import ratings_from_path

        return ratings_from_path(place.path, options.item_key, place.log)
    from cfce.datasets.fetch import ML_100K as ORIGIN
    from cfce.datasets.movielens_cache import cached_ratings

    return cached_ratings(ORIGIN, options.item_key, place.cache, place.log)


def _is_at(path: Path) -> bool:
    """Whether a path has the layout of the archive: u.data, a folder with it, or a zip with u.data and u.item."""
    if path.is_dir():
        return (path / "u.data").exists() or (path / "ml-100k" / "u.data").exists()
    if path.name == "u.data":
        return True
    try:
        with zipfile.ZipFile(path) as archive:
            names = {Path(name).name for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile):
        return path.name == "ml-100k.zip" and path.exists()
    return {"u.data", "u.item"} <= names


ML_100K = Dataset(
    name="ml-100k",
    description="MovieLens 100k: 100,000 ratings of 1 to 5 by 943 users of 1,664 titles (1,682 movie ids); fetched once",
    load=_load,
    options=MovieLensOptions,
    is_at=_is_at,
)
