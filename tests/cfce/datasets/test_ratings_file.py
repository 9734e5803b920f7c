"""Large files are read once into the cache, and again when they or the options change; small ones each time."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from cfce.datasets import Columns, Place, ReadingOptions, ratings_file
from cfce.datasets.ratings_file import FILE
from cfce.errors import UserError
from cfce.ratings import Ratings

TEXT = "user,item,rating,timestamp,part\n" + "".join(
    f"u{n % 50},{n % 7},{1 + n % 5},{1_400_000_000 + n},{'train' if n % 3 else 'test'}\n" for n in range(1000)
)


@pytest.fixture
def cached(monkeypatch):
    """Every file counts as large."""
    monkeypatch.setattr(ratings_file, "CACHED_FROM", 1)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(TEXT)
    return path


@pytest.fixture
def place(tmp_path, path, said):
    return Place(path, tmp_path / "cache", said.append)


def folders(place) -> list[str]:
    return sorted(one.name for one in place.cache.iterdir() if one.suffix != ".lock")


def same(one: Ratings, other: Ratings) -> bool:
    return (
        one.fingerprint == other.fingerprint
        and np.array_equal(one.timestamp, other.timestamp)
        and np.array_equal(one.labels["part"], other.labels["part"])
        and one.name == other.name
    )


def test_a_small_file_is_read_each_time_and_leaves_nothing(place):
    ratings = FILE.load("file", ReadingOptions(), place)
    assert len(ratings) == 1000
    assert not place.cache.exists()


@pytest.mark.usefixtures("cached")
def test_a_large_file_is_read_once_and_said_alike(place, said, monkeypatch):
    small = FILE.load("file", ReadingOptions(), place)
    lines = list(said)
    said.clear()
    monkeypatch.setattr(ratings_file, "read_into", lambda *_: pytest.fail("read again"))
    again = FILE.load("file", ReadingOptions(), place)
    assert same(small, again)
    assert again.n_repeated_pairs == small.n_repeated_pairs == 650
    assert said == lines
    assert len(said) == 3


@pytest.mark.usefixtures("cached")
def test_a_file_in_the_cache_is_what_a_file_in_memory_is(place, monkeypatch):
    cached = FILE.load("file", ReadingOptions(), place)
    monkeypatch.undo()
    assert same(cached, FILE.load("file", ReadingOptions(), place))


@pytest.mark.usefixtures("cached")
def test_a_file_that_changed_is_read_again_in_the_place_of_the_old(place, path):
    FILE.load("file", ReadingOptions(), place)
    path.write_text(TEXT + "u1,1,1,1400000000,train\n")
    assert len(FILE.load("file", ReadingOptions(), place)) == 1001
    assert len(folders(place)) == 1


@pytest.mark.usefixtures("cached")
def test_other_options_are_another_reading(place):
    assert FILE.load("file", ReadingOptions(), place).timestamp is not None
    assert FILE.load("file", ReadingOptions(Columns(timestamp="none")), place).timestamp is None
    assert len(FILE.load("file", ReadingOptions(min_item_ratings=143), place).item_ids) == 6  # 1000 = 6 x 143 + 142
    assert len(folders(place)) == 3


@pytest.mark.usefixtures("cached")
@pytest.mark.parametrize("damaged", ["user", "level", "timestamp", "label.part", "item_ids.npy", "user_ids.json", "about.json"])
def test_a_damaged_folder_is_set_aside_said_and_read_again(place, said, damaged):
    first = FILE.load("file", ReadingOptions(), place)
    (folder,) = folders(place)
    path = place.cache / folder / damaged
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    for damage in (bytes(content), content[: len(content) // 2]):
        path.unlink()  # the ratings at hand map the file that was there
        path.write_bytes(damage)
        said.clear()
        again = FILE.load("file", ReadingOptions(), place)
        assert same(first, again)
        if damaged != "about.json":
            assert "is damaged" in said[0]


@pytest.mark.usefixtures("cached")
def test_what_a_killed_process_half_wrote_is_not_taken_for_ratings(place):
    FILE.load("file", ReadingOptions(), place)
    (folder,) = folders(place)
    (place.cache / folder).rename(place.cache / f".{folder}.k1ll3d.tmp")
    assert len(FILE.load("file", ReadingOptions(), place)) == 1000
    assert folders(place) == [folder]


@pytest.mark.usefixtures("cached")
def test_a_wrong_file_leaves_nothing_in_the_cache(place, path):
    path.write_text(TEXT + "u1,1,x,1400000000,train\n")
    with pytest.raises(UserError, match=r"mine\.csv', line 1002: rating 'x' is not a number"):
        FILE.load("file", ReadingOptions(), place)
    assert folders(place) == []


@pytest.mark.usefixtures("cached")
def test_a_cache_that_cannot_be_written_is_said_and_the_ratings_come(place, said, tmp_path):
    (tmp_path / "cache").write_text("in the way")
    assert len(FILE.load("file", ReadingOptions(), place)) == 1000
    assert "cannot be written" in said[0]


MEASURE = """
import resource, sys
from pathlib import Path
from cfce.datasets import Place, ReadingOptions
from cfce.datasets.ratings_file import FILE
import pyarrow.csv
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
ratings = FILE.load("file", ReadingOptions(), Place(Path(sys.argv[1]), Path(sys.argv[2]), lambda line: None))
print(len(ratings), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


def test_a_large_file_is_never_all_in_memory(tmp_path):
    """1,500,000 rows of 26 bytes: with three Python strings a row they would be 300 MB and more; as columns they are mapped.

    What is mapped counts while it is resident: 17 bytes a rating and 8 of raw rating; blocks and ids come on top.
    """
    path = tmp_path / "large.csv"
    block = "".join(f"user{n % 5003},item{n * 7 % 997},{1 + n % 5},{1_400_000_000 + n}\n" for n in range(50_000))
    path.write_text("user,item,rating,timestamp\n" + block * 30)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", MEASURE, str(path), str(tmp_path / "cache")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    n, grown = json.loads(f"[{','.join(done.stdout.split())}]")
    assert n == 1_500_000
    assert grown < 150e6
