"""``ml-25m``: 25 million ratings, half stars, in CSV files."""

from cfce.datasets.movielens_archive import HALF_STARS, Archive, movielens

ARCHIVE = Archive(name="ml-25m", md5="6b51fb2759a8657d3bfcbfc42b592ada", suffix=".csv", scale=HALF_STARS, size=261_978_986)

ML_25M = movielens(ARCHIVE, "MovieLens 25M: 25,000,095 ratings of 0.5 to 5 by 162,541 users of 59,047 movies")
