"""MovieLens 1M and larger, from GroupLens' archives: their layouts, and the ratings by movie id or by title.

The archives have a folder of their name with ``ratings.dat`` and ``movies.dat``, or ``ratings.csv`` and ``movies.csv``
(F. M. Harper and J. A. Konstan, "The MovieLens Datasets", ACM TiiS 5(4), 2015).
"""

import csv
import hashlib
import io
import json
import os
import shutil
import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from cfce.datasets.dataset import Dataset, Place
from cfce.datasets.download import HTTP_TIMEOUT, NotFetched, download
from cfce.datasets.movielens import check_item_key, clean_title
from cfce.datasets.ratings_file import kept_ratings
from cfce.datasets.reading.options import Columns, ReadingOptions
from cfce.datasets.reading.read import read_into
from cfce.datasets.reading.source import Source, kind_of, member_bytes
from cfce.datasets.stored import FORMAT, complete_folder, open_ratings
from cfce.errors import UserError
from cfce.ratings import Ratings
from cfce.scale import RatingScale

HOST = "https://files.grouplens.org/datasets/movielens/"
WHOLE_STARS = RatingScale((1, 2, 3, 4, 5))
HALF_STARS = RatingScale.parse("0.5:5:0.5")
CHUNK = 1 << 20
"""Item codes that are changed at a time."""


@dataclass(frozen=True)
class MovieLensOptions:
    """The options of a MovieLens dataset."""

    item_key: str = "title"
    """What an item is: ``'title'`` joins the movie ids that share a title, ``'id'`` keeps them apart."""

    def __post_init__(self) -> None:
        check_item_key(self.item_key)


@dataclass(frozen=True)
class Archive:
    """One of GroupLens' archives."""

    name: str
    md5: str | None
    """None where GroupLens fixes no digest."""
    suffix: str
    """Of the files inside: ``'.dat'`` or ``'.csv'``."""
    scale: RatingScale
    size: int
    """Bytes of the archive, about, for the progress bar."""
    url: str = ""

    @property
    def address(self) -> str:
        """Where the archive is fetched from."""
        return self.url or f"{HOST}{self.name}.zip"

    @property
    def ratings(self) -> str:
        """The archive's file of ratings."""
        return f"{self.name}/ratings{self.suffix}"

    @property
    def movies(self) -> str:
        """The archive's file of titles."""
        return f"{self.name}/movies{self.suffix}"

    @property
    def options(self) -> ReadingOptions:
        """How its file of ratings is read."""
        columns = Columns(*"1234") if self.suffix == ".dat" else Columns("userId", "movieId", "rating", "timestamp")
        separator, header = ("::", False) if self.suffix == ".dat" else (",", True)
        return ReadingOptions(columns, separator, header, "utf-8", self.scale)


def movielens(archive: Archive, description: str) -> Dataset:
    """The dataset of an archive."""

    def load(name: str, options: MovieLensOptions, place: Place) -> Ratings:
        return load_archive(archive, options, place)

    return Dataset(
        name=archive.name,
        description=description,
        load=load,
        options=MovieLensOptions,
        is_at=lambda path: _is_archive(archive, path),
        takes_path=True,
    )


def load_archive(archive: Archive, options: MovieLensOptions, place: Place) -> Ratings:
    """The ratings of an archive, from the cache, a path (the zip or the folder that it unpacks to), or GroupLens.

    Both item keys come from one reading: the ratings by title are made of those by id.
    """
    about: dict[str, Any] = {"archive": archive.md5 or archive.address}
    key, name = archive.name, archive.name
    if place.path is not None:
        about, key, name = _about_path(archive, place.path)
        if name != archive.name:
            place.log(f"'{place.path}' is not proved to be {archive.name}, which only the zip is; it is called '{name}'")
    quiet = replace(place, log=lambda line: None)

    def read_by_id(folder: Path) -> list[str]:
        if place.path is not None:
            return _read(archive, place.path, folder, name, about)
        with tempfile.TemporaryDirectory(prefix=f".{archive.name}.", dir=folder.parent) as temporary:
            return _read(archive, _fetched(archive, Path(temporary), place), folder, name, about)

    by_id = kept_ratings(f"{key}-id", about, quiet, read_by_id, archive.name)
    if archive.md5 is None and place.path is None:
        place.log(f"GroupLens renews {archive.name} and fixes no digest; this one has the fingerprint {by_id.fingerprint[:12]}")
    if options.item_key == "id":
        return by_id
    base = place.cache / f"{key}-id.{FORMAT}"
    if not base.is_dir():
        raise UserError(
            f"the cache '{place.cache}', where items are joined by title, cannot be written; set CFCE_CACHE, or use ids"
        )
    about = {**about, "by_id": by_id.fingerprint}
    return kept_ratings(f"{key}-title", about, quiet, lambda folder: _join_titles(base, by_id, folder, about), archive.name)


def _fetched(archive: Archive, folder: Path, place: Place) -> Path:
    try:
        path = download(archive.address, archive.md5, folder, f"{archive.name}.zip", archive.size, HTTP_TIMEOUT)
    except NotFetched as reason:
        raise UserError(
            f"{archive.name} could not be fetched (GroupLens ({archive.address}): {reason}); "
            f"get it by other means and pass it with --data PATH"
        ) from None
    place.log(f"{archive.name} came from GroupLens ({archive.address})")
    return path


def _read(archive: Archive, path: Path, folder: Path, name: str, about: dict[str, Any]) -> list[str]:
    """Read ratings and titles of a zip or folder into a folder of the cache."""
    try:
        if path.is_dir():
            inside = path if (path / Path(archive.ratings).name).exists() else path / archive.name
            source = Source(inside / Path(archive.ratings).name)
            movies = (inside / Path(archive.movies).name).read_bytes()
        else:
            source = Source(path, archive.ratings)
            with zipfile.ZipFile(path) as packed:
                movies = member_bytes(packed, archive.movies)
        said = read_into(source, archive.options, folder, name, about)
    except (zipfile.BadZipFile, KeyError, FileNotFoundError) as error:
        raise UserError(f"'{path}' has not the files of {archive.name}.zip ({error}); fetch it again") from error
    titles = _titles(movies, archive)
    ids = open_ratings(folder).item_ids.tolist()
    untitled = [number for number in ids if number not in titles]
    if untitled:
        raise UserError(
            f"{len(untitled)} movies, such as {untitled[0]}, have no title in {archive.movies}; fetch {archive.name} again"
        )
    (folder / "titles.json").write_text(json.dumps([titles[number] for number in ids]))
    return said


def _titles(content: bytes, archive: Archive) -> dict[int, str]:
    """Movie id to title."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:  # MovieLens 1M
        text = content.decode("latin-1")
    if archive.suffix == ".dat":
        rows = [line.split("::") for line in text.split("\n") if line.strip()]
    else:
        try:
            rows = list(csv.reader(io.StringIO(text)))[1:]
        except csv.Error as error:
            raise UserError(f"'{archive.movies}' is not whole ({error}); fetch {archive.name} again") from error
    titles = {}
    for number, row in enumerate(rows, 1):
        if len(row) < 2 or not row[0].strip().isdecimal():
            raise UserError(f"'{archive.movies}', row {number}: no movie id and title; fetch {archive.name} again")
        titles[int(row[0])] = clean_title(row[1])
    return titles


def _join_titles(base: Path, by_id: Ratings, folder: Path, about: dict[str, Any]) -> list[str]:
    """Write the ratings of ``base`` with their items joined by title; other columns are the same files."""
    titles = np.empty(len(by_id.item_ids), dtype=object)
    titles[:] = json.loads((base / "titles.json").read_bytes())
    names, code = np.unique(titles, return_inverse=True)
    final = np.append(0, code + 1).astype(np.int32)
    folder.mkdir(parents=True)
    with open(folder / "item", "wb") as file:
        for start in range(0, len(by_id), CHUNK):
            file.write(np.take(final, by_id.item[start : start + CHUNK]).data)
    for column in ("user", "level", "timestamp"):
        try:
            os.link(base / column, folder / column)
        except OSError:  # a file system without links
            shutil.copyfile(base / column, folder / column)
    complete_folder(folder, by_id.scale, by_id.name, by_id.user_ids, names, {**about, "said": []})
    return []


def _about_path(archive: Archive, path: Path) -> tuple[dict[str, Any], str, str]:
    """What tells this path's data from another's, the key of the cache, and the name that the data may bear."""
    if not path.exists():
        raise UserError(f"'{path}' does not exist; pass {archive.name}.zip or the folder that it unpacks to")
    name = archive.name
    if path.is_dir():
        name = f"{archive.name}-folder" if archive.md5 else name
        inside = path if (path / Path(archive.ratings).name).exists() else path / archive.name
        found = inside / Path(archive.ratings).name
        if not found.exists():
            raise UserError(f"the folder '{path}' has no {found.name}; pass the folder that {archive.name}.zip unpacks to")
        stat = found.stat()
    else:
        if archive.md5 is not None and _md5(path) != archive.md5:
            raise UserError(
                f"'{path}' is not GroupLens' {archive.name}.zip, whose MD5 is {archive.md5}; "
                f"fetch it again, or pass it with --data alone as ratings of your own"
            )
        stat = path.stat()
    about = {"source": str(path.resolve()), "bytes": stat.st_size, "changed": stat.st_mtime_ns}
    return about, f"{archive.name}-{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]}", name


def _is_archive(archive: Archive, path: Path) -> bool:
    """Whether a path is the very archive, by its digest."""
    if archive.md5 is None or not path.is_file() or kind_of(path) != "zip":
        return False
    try:
        with zipfile.ZipFile(path) as packed:
            if archive.ratings not in packed.namelist():
                return False
    except zipfile.BadZipFile:
        return False
    return _md5(path) == archive.md5


def _md5(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
