"""MovieLens 100k: its formats, its origins, and the ratings made of them.

The rows and the titles come out the same from GroupLens' archive and from the copy inside the wheel of RecBole, so that
one fingerprint proves which data a study had (F. M. Harper and J. A. Konstan, "The MovieLens Datasets", ACM TiiS 5(4), 2015).
"""

import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cfce.datasets.reading.source import member_bytes
from cfce.errors import UserError
from cfce.ratings import Ratings
from cfce.scale import RatingScale

SCALE = RatingScale((1, 2, 3, 4, 5))
ITEM_KEYS = ("title", "id")


@dataclass(frozen=True, eq=False)
class Movies:
    """What MovieLens 100k holds, whatever it was read from: N rows of user, movie id, rating and time, a title for each movie id.

    ``titles`` is empty where there are none, as for a ``u.data`` by itself. ``u`` is 1 to 5, for each row the one of u1.test to
    u5.test that holds it; None where those files are not there.
    """

    user: NDArray[np.int32]
    movie: NDArray[np.int32]
    rating: NDArray[np.uint8]
    time: NDArray[np.int64]
    titles: dict[int, str]
    u: NDArray[np.uint8] | None = None

    def ratings(self, item_key: str, name: str) -> Ratings:
        """The ratings with items joined by ``'title'`` (some titles have two movie ids) or kept apart by ``'id'``."""
        check_item_key(item_key)
        user_ids, user = np.unique(self.user, return_inverse=True)
        movie_ids, movie = np.unique(self.movie, return_inverse=True)
        item_ids, item = movie_ids, movie
        if item_key == "title":
            untitled = [number for number in movie_ids.tolist() if number not in self.titles]
            if untitled:
                raise UserError(
                    f"{len(untitled)} movies, such as {untitled[0]}, have no title because u.item does not name them; "
                    f"put u.item beside u.data, or use --item-key id"
                )
            titles = np.array([self.titles[number] for number in movie_ids.tolist()], dtype=object)
            item_ids, code_of_movie = np.unique(titles, return_inverse=True)
            item = code_of_movie[movie]
        return Ratings(
            user.astype(np.int32) + np.int32(1),
            item.astype(np.int32) + np.int32(1),
            self.rating - np.uint8(1),
            user_ids,
            item_ids,
            SCALE,
            name,
            self.time,
            {} if self.u is None else {"u": self.u},
        )


def check_item_key(item_key: str) -> None:
    """Raise ``UserError`` for an item key that is neither ``'title'`` nor ``'id'``."""
    if item_key not in ITEM_KEYS:
        raise UserError(f"unknown item key '{item_key}'; allowed: title (as in the fastai book), id")


def clean_title(title: str) -> str:
    """A title without blanks at its ends or doubled inside it.

    >>> clean_title(" Toy Story  (1995)")
    'Toy Story (1995)'
    """
    return " ".join(title.split())


def read_movies(path: Path) -> Movies:
    """Read the archive ``ml-100k.zip``, its folder, or ``u.data`` with ``u.item`` beside it.

    Raises ``UserError`` where the file is missing or damaged, or where a row is not four numbers with a rating of 1 to 5.
    """
    if path.is_dir():
        inside = path if (path / "u.data").exists() else path / "ml-100k"
        if not (inside / "u.data").exists():
            raise UserError(f"the folder '{path}' has no u.data; pass the folder that ml-100k.zip unpacks to")
        return read_movies(inside / "u.data")
    try:
        if path.suffix == ".zip":
            return _from_zip(path)
        beside = path.with_name("u.item")
        titles = _titles(beside.read_bytes(), str(beside)) if beside.exists() else {}
        tests = [path.with_name(f"u{number}.test") for number in range(1, 6)]
        splits = [test.read_bytes() for test in tests if test.exists()]
        return _with_splits(_rows(path.read_bytes(), str(path), titles), splits)
    except OSError as error:
        raise UserError(f"'{path}' cannot be read ({error.strerror or error}); pass ml-100k.zip, its folder or u.data") from error


def read_wheel(path: Path) -> Movies:
    """Read the copy of MovieLens 100k that the wheel of RecBole carries: same rows, titles apart from their years."""
    folder = "recbole/dataset_example/ml-100k/"
    with zipfile.ZipFile(path) as wheel:
        items = member_bytes(wheel, folder + "ml-100k.item").decode("utf-8").splitlines()[1:]
        rows = member_bytes(wheel, folder + "ml-100k.inter").split(b"\n", 1)[1]
    titles = {}
    for line in items:
        number, title, year, _ = line.split("\t")
        titles[int(number)] = "unknown" if year == "unkonwn" else clean_title(f"{title} ({year})")
    return _rows(rows, f"{path}:{folder}ml-100k.inter", titles)


def _from_zip(path: Path) -> Movies:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {Path(name).name: name for name in archive.namelist() if not name.endswith("/")}
            if "u.data" not in names or "u.item" not in names:
                raise UserError(f"'{path}' has no u.data and u.item inside; pass MovieLens 100k's archive ml-100k.zip")
            titles = _titles(member_bytes(archive, names["u.item"]), f"{path}:{names['u.item']}")
            splits = [member_bytes(archive, names[f"u{number}.test"]) for number in range(1, 6) if f"u{number}.test" in names]
            return _with_splits(_rows(member_bytes(archive, names["u.data"]), f"{path}:{names['u.data']}", titles), splits)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, ValueError, NotImplementedError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"'{path}' is not a whole zip archive ({error}); fetch ml-100k.zip again") from error


def _rows(content: bytes, where: str, titles: dict[int, str]) -> Movies:
    """Parse tab-separated user, movie, rating, time; a wrong row is named by its line."""
    try:
        table = np.array(content.split(), dtype=np.int64).reshape(-1, 4)
        regular = content.count(b"\t") == 3 * len(table)
    except (ValueError, OverflowError):
        regular = False
    if regular and not len(table):
        raise UserError(f"'{where}' has no ratings; fetch it again")
    if not regular or table[:, :3].min() < 1 or table[:, :2].max() >= 2**31 or table[:, 2].max() > 5:
        raise _wrong_row(content, where)
    user, movie, rating, time = table.T
    return Movies(user.astype(np.int32), movie.astype(np.int32), rating.astype(np.uint8), time.copy(), titles)


def _with_splits(movies: Movies, tests: list[bytes]) -> Movies:
    """The movies with ``u``, where five test files hold every row once between them."""
    if len(tests) != 5:
        return movies
    pair = movies.user.astype(np.int64) << 32 | movies.movie
    order = np.argsort(pair)
    u = np.zeros(len(pair), dtype=np.uint8)
    for number, content in enumerate(tests, 1):
        rows = np.array(content.split(), dtype=np.int64).reshape(-1, 4)
        found = np.searchsorted(pair[order], rows[:, 0] << 32 | rows[:, 1]).clip(max=len(pair) - 1)
        if (u[order[found]] != 0).any() or (pair[order[found]] != (rows[:, 0] << 32 | rows[:, 1])).any():
            return movies
        u[order[found]] = number
    return replace(movies, u=u) if u.all() else movies


def _wrong_row(content: bytes, where: str) -> UserError:
    """The error that names the first line that is not a rating."""
    for number, line in enumerate(content.split(b"\n"), 1):
        fields = [field.strip() for field in line.split(b"\t")]
        if not line.strip():
            continue
        shown = line.decode("latin-1").strip()[:60]
        if len(fields) != 4:
            return UserError(f"'{where}', line {number}: '{shown}' came; a line is user, movie, rating and time between tabs")
        if not all(field.isdigit() for field in fields) or not all(0 < int(field) < 2**31 for field in fields[:2]):
            return UserError(
                f"'{where}', line {number}: '{shown}' came; user, movie, rating and time are whole numbers, and ids start at 1"
            )
        if not 1 <= int(fields[2]) <= 5:
            return UserError(f"'{where}', line {number}: rating {int(fields[2])} came; allowed: 1, 2, 3, 4, 5")
    return UserError(f"'{where}' is not MovieLens' u.data; pass user, movie, rating and time between tabs")


def _titles(content: bytes, where: str) -> dict[int, str]:
    """Parse u.item: movie id and title are the first of its fields, in Latin-1 between upright bars."""
    titles = {}
    for number, line in enumerate(content.decode("latin-1").split("\n"), 1):
        if not line.strip():
            continue
        fields = line.split("|")
        if len(fields) < 2 or not fields[0].strip().isdigit() or not clean_title(fields[1]):
            raise UserError(f"'{where}', line {number}: no movie id and title came; a line starts with 'id|title|'")
        titles[int(fields[0])] = clean_title(fields[1])
    return titles
