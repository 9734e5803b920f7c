"""``ml-latest-small``: about 100,000 ratings, half stars, in CSV files, for teaching; GroupLens renews it from time to time."""

from cfce.datasets.movielens_archive import HALF_STARS, Archive, movielens

ARCHIVE = Archive(name="ml-latest-small", md5=None, suffix=".csv", scale=HALF_STARS, size=978_202)

ML_LATEST_SMALL = movielens(
    ARCHIVE, "MovieLens latest, small: about 100,000 ratings of 0.5 to 5; GroupLens renews it, so no digest is fixed"
)
