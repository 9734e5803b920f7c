"""Reading made-up files of ratings."""

import pytest

from cfce.datasets.reading.finding import find_source, label_of
from cfce.datasets.reading.options import ReadingOptions
from cfce.datasets.reading.read import read_ratings


@pytest.fixture
def write(tmp_path):
    """Writes a file under the test's own folder."""

    def to(name: str, content: str | bytes, encoding: str = "utf-8"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return to


def _read(path, options=None, **how):
    source = find_source(path)
    return read_ratings(source, options or ReadingOptions(**how), label_of(source))


@pytest.fixture
def read():
    """Reads a path: the ratings."""
    return lambda path, **how: _read(path, **how)[0]


@pytest.fixture
def read_said():
    """Reads a path: the ratings, and the lines to be told."""
    return _read


@pytest.fixture
def rows_of():
    """The rows of ratings as (user, item, rating)."""

    def of(ratings):
        values = [ratings.scale.values[level] for level in ratings.level.tolist()]
        users, items = ratings.user_ids[ratings.user - 1].tolist(), ratings.item_ids[ratings.item - 1].tolist()
        return list(zip(users, items, values, strict=True))

    return of
