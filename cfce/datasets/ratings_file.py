"""Anybody's ratings, from a file, a folder or an archive: read as they are, and kept in the cache where they are large."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cfce.datasets.cache import set_aside
from cfce.datasets.dataset import Dataset, Place
from cfce.datasets.reading.finding import find_source, label_of
from cfce.datasets.reading.options import ReadingOptions
from cfce.datasets.reading.read import read_into, read_ratings
from cfce.datasets.stored import FORMAT, Damaged, about_folder, in_memory, open_ratings
from cfce.errors import UserError
from cfce.files import whole_folder
from cfce.ratings import Ratings

CACHED_FROM = 16 << 20
"""Bytes from which a file is kept in the cache: a smaller one is read in about a second."""
LOCK_TIMEOUT = 3600.0
"""Seconds to wait for another process that reads the same file."""

Read = Callable[[Path], list[str]]
"""Reads a source into a new folder of columns and gives the lines to be told."""


def load_file(name: str, options: ReadingOptions, place: Place) -> Ratings:
    """The ratings at a path, called after their file."""
    if place.path is None:
        raise UserError("ratings of your own are read from a path; pass --data FILE")
    source = find_source(place.path)
    label = label_of(source)
    if source.size < CACHED_FROM:
        ratings, said = read_ratings(source, options, label)
        for line in said:
            place.log(line)
        return ratings
    stat = source.path.stat()
    about = {"source": str(source.path.resolve()), "bytes": stat.st_size, "changed": stat.st_mtime_ns}
    asked = hashlib.sha256(repr((about["source"], source.member, options)).encode()).hexdigest()[:16]
    return kept_ratings(
        f"file-{label}-{asked}", about, place, lambda folder: read_into(source, options, folder, label, about), str(source)
    )


def kept_ratings(key: str, about: dict[str, Any], place: Place, read: Read, what: str) -> Ratings:
    """The ratings of a folder of the cache, read into it first where it is not there or ``about`` is of another source.

    Of two processes at once, one reads. A cache that cannot be written is said, and the ratings are held in memory.
    """
    from filelock import FileLock, Timeout

    folder = place.cache / f"{key}.{FORMAT}"
    ratings, _ = _open(folder, about, place)
    if ratings is not None:
        return ratings
    try:
        place.cache.mkdir(parents=True, exist_ok=True)
        with FileLock(place.cache / f".{folder.name}.lock").acquire(timeout=LOCK_TIMEOUT):
            ratings, damage = _open(folder, about, place)  # another process may have read it meanwhile
            if ratings is not None:
                return ratings
            if damage:
                set_aside(folder, damage, place.log)
            shutil.rmtree(folder, ignore_errors=True)
            with whole_folder(folder) as made:
                said = read(made)
    except Timeout:
        raise UserError(f"another process has been reading '{what}' for {LOCK_TIMEOUT:g} s; end it and try again") from None
    except OSError as error:
        place.log(
            f"the cache folder '{place.cache}' cannot be written ({error.strerror or error}); '{what}' is read and not kept"
        )
        return _unkept(read, place)
    for line in said:
        place.log(line)
    return open_ratings(folder)


def _open(folder: Path, about: dict[str, Any], place: Place) -> tuple[Ratings | None, str]:
    """The ratings in a folder, or None and what is damaged; None and ``''`` where it is absent or of another source."""
    if not folder.is_dir():
        return None, ""
    try:
        found = about_folder(folder)
        if any(found.get(name) != value for name, value in about.items()):
            return None, ""
        ratings = open_ratings(folder, check=True)
    except Damaged as damage:
        return None, str(damage)
    for line in found.get("said", ()):
        place.log(line)
    return ratings, ""


def _unkept(read: Read, place: Place) -> Ratings:
    with tempfile.TemporaryDirectory(prefix="cfce-") as temporary:
        for line in read(Path(temporary) / "ratings"):
            place.log(line)
        return in_memory(open_ratings(Path(temporary) / "ratings"))


FILE = Dataset(
    name="file",
    description="ratings of your own from --data PATH: CSV, TSV and other text, JSON lines, Parquet, packed or not, or a folder",
    load=load_file,
    options=ReadingOptions,
)
