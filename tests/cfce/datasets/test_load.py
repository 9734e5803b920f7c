"""``load_dataset``: by name, by path, and what it says."""

import hashlib
import os
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from cfce.datasets import DATASETS, MovieLensOptions, ReadingOptions, cache_dir, dataset_named, load_dataset
from cfce.datasets.fetch import ML_100K, fetch_movies
from cfce.datasets.movielens_cache import cached_ratings
from cfce.errors import UserError

COUNTS = "ml-100k: 100,000 ratings by 943 users of 1,664 items; 307 repeat an earlier (user, item) pair"


@pytest.fixture(scope="module")
def real_cache(tmp_path_factory):
    """A cache with the real MovieLens 100k: this machine's where it has it, or else fetched."""
    cache = cache_dir() if (cache_dir() / "ml-100k.2.npz").exists() else tmp_path_factory.mktemp("cache")
    cached_ratings(ML_100K, "title", cache, lambda line: None)
    return cache


def test_the_real_ratings_have_the_counts_of_the_book(real_cache, said):
    ratings = load_dataset("ml-100k", cache=real_cache, log=said.append)
    assert said == [COUNTS]
    assert (len(ratings), ratings.n_users, ratings.n_items) == (100_000, 944, 1665)
    assert ratings.fingerprint == ML_100K.fingerprints["title"]
    by_id = load_dataset("ml-100k", MovieLensOptions("id"), cache=real_cache, log=said.append)
    assert (by_id.n_items, by_id.n_repeated_pairs) == (1683, 0)
    assert (ratings.level + 1.0).mean() == 3.52986  # the sum of all ratings is 352,986
    assert "unknown" in ratings.item_ids
    assert ratings.name == by_id.name == "ml-100k"


def test_the_real_ratings_in_the_archive_have_the_same_fingerprint(real_cache, said, server, zip_of, tmp_path):
    """GroupLens' format, with its Latin-1 and stray blanks, over HTTP and from disk."""
    ratings = load_dataset("ml-100k", MovieLensOptions("id"), cache=real_cache, log=said.append)
    titles = titles_in(real_cache)
    rows = zip(
        ratings.user_ids[ratings.user - 1].tolist(),
        ratings.item_ids[ratings.item - 1].tolist(),
        (ratings.level + 1).tolist(),
        strict=True,
    )
    server.content = zip_of(rows, titles, blanks="  ")
    origin = replace(ML_100K, url=server.url, md5=hashlib.md5(server.content).hexdigest())
    movies = fetch_movies(origin, said.append)
    assert movies.ratings("title", "x").fingerprint == ML_100K.fingerprints["title"]
    path = tmp_path / "ml-100k.zip"
    path.write_bytes(server.content)
    assert load_dataset("ml-100k", path=path, log=said.append).name == "ml-100k"
    assert said[-1] == COUNTS


def titles_in(cache) -> dict[int, tuple[str, str]]:
    """Movie id to its title and year, as the wheel has them apart."""
    with np.load(cache / "ml-100k.2.npz") as kept:
        titles = dict(zip(kept["titled"].tolist(), kept["titles"].tobytes().decode().split("\n"), strict=True))
    apart = {movie: tuple(title.removesuffix(")").rsplit(" (", 1)) for movie, title in titles.items()}
    return apart | {267: ("unkonwn", "unkonwn")}


def test_the_cached_ratings_come_fast_and_without_pandas(real_cache):
    """Workers load ratings: the path through the cache imports none of the heavy packages."""
    code = "import sys\nfrom cfce.datasets import load_dataset\nload_dataset('ml-100k')\n"
    code += "print(sorted({'pandas', 'torch', 'fastai', 'requests', 'pooch', 'pyarrow'} & set(sys.modules)))"
    environment = {**os.environ, "CFCE_CACHE": str(real_cache)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.splitlines() == [COUNTS, "[]"]


def test_a_path_goes_before_the_name_and_says_what_it_took_for_what(tmp_path, said):
    path = tmp_path / "mine.csv"
    path.write_text("user,item,rating\nu,i,1\nu,i,2\n")
    assert load_dataset("ml-100k", path=path, log=said.append).name == "mine"
    assert said == [
        f"'{path}' (commas, a header, utf-8): user = user, item = item, rating = rating",
        "first rows: u,i,1  |  u,i,2",
        "scale inferred from the ratings: 1 (1), 2 (1)",
        "mine: 2 ratings by 1 user of 1 item; 1 repeats an earlier (user, item) pair",
    ]


@pytest.mark.parametrize("name", ["ml-100k.csv", "ml-1m.tsv", "synthetic-1000.csv", "synthetic-1.csv", "x-first-5.csv"])
def test_a_file_called_like_a_dataset_is_not_that_dataset(tmp_path, name):
    path = tmp_path / name
    path.write_text("user,item,rating\nu,i,1\nu,i,2\n")
    assert load_dataset(path=path, log=lambda line: None).name == name


def test_the_ratings_of_a_dataset_are_that_dataset_whatever_their_file_is_called(real_cache, tmp_path, said):
    """Identity is the fingerprint: ml-100k by movie id as a CSV of its columns."""
    ratings = load_dataset("ml-100k", MovieLensOptions("id"), cache=real_cache, log=said.append)
    path = tmp_path / "mine.csv"
    rows = zip(ratings.user_ids[ratings.user - 1], ratings.item_ids[ratings.item - 1], ratings.level + 1, strict=True)
    path.write_text("user,item,rating\n" + "".join(f"{user},{item},{rating}\n" for user, item, rating in rows))
    assert load_dataset(path=path, log=said.append).name == "ml-100k"


def test_the_real_ratings_have_their_times(real_cache, said):
    """The archive's README: collected from September 19th, 1997 to April 22nd, 1998."""
    times = load_dataset("ml-100k", cache=real_cache, log=said.append).timestamp
    assert times[:3].tolist() == [881250949, 891717742, 878887116]
    days = np.array([times.min(), times.max()]).astype("datetime64[s]").astype("datetime64[D]")
    assert days.astype(str).tolist() == ["1997-09-20", "1998-04-22"]  # UTC: the first is an evening in Minnesota


def test_unknown_names_paths_and_options_are_refused(tmp_path):
    with pytest.raises(
        UserError, match=r"unknown dataset 'ml-100' \(did you mean 'ml-100k'\?\); allowed: gaussian-N, ml-100k, ml-10m, ml-1m"
    ):
        load_dataset("ml-100")
    with pytest.raises(
        UserError, match=r"missing\.csv' does not exist; pass a file of ratings, a folder or a zip with one inside"
    ):
        load_dataset(path=tmp_path / "missing.csv")
    with pytest.raises(UserError, match=r"options of ml-100k are MovieLensOptions, but ReadingOptions came"):
        load_dataset("ml-100k", ReadingOptions())
    with pytest.raises(UserError, match="no dataset came"):
        load_dataset()
    with pytest.raises(UserError, match="unknown dataset 'file'"):
        load_dataset("file")


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=list(DATASETS))
def test_every_dataset_says_itself_in_a_line_and_makes_its_own_options(dataset):
    assert dataset.description
    assert "\n" not in dataset.description
    assert len(dataset.description) < 130
    assert dataset.options() == dataset.options()
    assert hash(dataset.options()) == hash(dataset.options())
    with pytest.raises(FrozenInstanceError):
        dataset.options().anything = 1
    assert DATASETS[dataset.name] is dataset


def test_a_name_is_of_one_dataset():
    assert dataset_named("synthetic-1000") is DATASETS["synthetic-N"]
    assert dataset_named("ml-32m") is DATASETS["ml-32m"]
