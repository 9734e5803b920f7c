"""MovieLens 100k from the user's own disk: the archive, its folder, or u.data."""

from pathlib import Path

from cfce.datasets.cache import Log
from cfce.datasets.fetch import ML_100K, Origin
from cfce.datasets.labels import unclaimed
from cfce.datasets.movielens import check_item_key, read_movies
from cfce.errors import UserError
from cfce.ratings import Ratings


def ratings_from_path(path: Path, item_key: str, log: Log, origin: Origin = ML_100K) -> Ratings:
    """The ratings in a file or folder of MovieLens 100k, called ``ml-100k`` only where they are those 100,000.

    Other ratings in that format are said and called after their file; an archive with other ratings is refused.
    """
    check_item_key(item_key)
    ratings = read_movies(path).ratings(item_key, origin.name)
    if ratings.fingerprint == origin.fingerprints[item_key]:
        return ratings
    if path.suffix == ".zip":
        raise UserError(
            f"'{path}' holds {len(ratings):,} ratings that are not those of {origin.name}; "
            f"pass the archive from GroupLens, or unpack yours and pass its folder"
        )
    name = unclaimed(path.stem, path, lambda label: label == ML_100K.name)
    log(f"'{path}' holds {len(ratings):,} ratings that are not those of {origin.name}; it is called '{name}'")
    return ratings.renamed(name)
