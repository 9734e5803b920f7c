"""``ml-1m``: 1 million ratings, whole stars, in files between '::'."""

from cfce.datasets.movielens_archive import WHOLE_STARS, Archive, movielens

ARCHIVE = Archive(name="ml-1m", md5="c4d9eecfca2ab87c1945afe126590906", suffix=".dat", scale=WHOLE_STARS, size=5_917_549)

ML_1M = movielens(ARCHIVE, "MovieLens 1M: 1,000,209 ratings of 1 to 5 by 6,040 users of 3,706 movies")
