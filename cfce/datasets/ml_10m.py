"""``ml-10m``: 10 million ratings, half stars, in files between '::'."""

from cfce.datasets.movielens_archive import HALF_STARS, Archive, movielens

ARCHIVE = Archive(name="ml-10m", md5="ce571fd55effeba0271552578f2648bd", suffix=".dat", scale=HALF_STARS, size=65_566_137)

ML_10M = movielens(ARCHIVE, "MovieLens 10M: 10,000,054 ratings of 0.5 to 5 by 69,878 users of 10,677 movies")
