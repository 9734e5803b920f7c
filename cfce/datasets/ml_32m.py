"""``ml-32m``: 32 million ratings, half stars, in CSV files."""

from cfce.datasets.movielens_archive import HALF_STARS, Archive, movielens

ARCHIVE = Archive(name="ml-32m", md5="d472be332d4daa821edc399621853b57", suffix=".csv", scale=HALF_STARS, size=238_950_008)

ML_32M = movielens(ARCHIVE, "MovieLens 32M: 32,000,204 ratings of 0.5 to 5 by 200,948 users of 84,432 movies")
