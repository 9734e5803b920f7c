"""``ml-20m``: 20 million ratings, half stars, in CSV files."""

from cfce.datasets.movielens_archive import HALF_STARS, Archive, movielens

ARCHIVE = Archive(name="ml-20m", md5="cd245b17a1ae2cc31bb14903e1204af3", suffix=".csv", scale=HALF_STARS, size=198_702_078)

ML_20M = movielens(ARCHIVE, "MovieLens 20M: 20,000,263 ratings of 0.5 to 5 by 138,493 users of 26,744 movies")
