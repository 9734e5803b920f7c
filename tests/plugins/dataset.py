"""The dataset ``sqlite``: the columns user, item and rating of a table in an SQLite database."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.registry import Dataset, register_dataset
from cfce.datasets import Place
from cfce.errors import UserError
from cfce.options import Options
from cfce.ratings import Ratings


@dataclass(frozen=True)
class SqliteOptions(Options):
    table: str = "ratings"
    """The table, or the view, with the columns user, item and rating."""


def is_sqlite(path: Path) -> bool:
    return path.is_file() and path.read_bytes()[:15] == b"SQLite format 3"


def load(name: str, options: SqliteOptions, place: Place) -> Ratings:
    if place.path is None:
        raise UserError("the dataset 'sqlite' is read from a database; pass it with --data FILE")
    try:
        with closing(sqlite3.connect(f"file:{place.path}?mode=ro", uri=True)) as database:
            table = options.table.replace('"', '""')
            rows = database.execute(f'SELECT user, item, rating FROM "{table}" ORDER BY user, item').fetchall()
    except sqlite3.Error as error:
        raise UserError(f"'{place.path}' cannot be read ({error}); name its table (--dataset-option table=NAME)") from error
    user, item, rating = zip(*rows, strict=True)
    return Ratings.from_columns(user, item, rating, name=f"sqlite-{place.path.stem}")


register_dataset(Dataset("sqlite", "a table of an SQLite database", load, SqliteOptions, is_at=is_sqlite))
