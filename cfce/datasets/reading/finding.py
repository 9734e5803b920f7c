"""The one file of ratings in a path: the file itself, in a folder, or in a zip archive."""

import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from cfce.datasets.reading.source import Source, kind_of
from cfce.errors import UserError

SUFFIXES = (
    ".csv",
    ".tsv",
    ".txt",
    ".dat",
    ".data",
    ".inter",
    ".json",
    ".jsonl",
    ".ndjson",
    ".parquet",
    ".pq",
    ".psv",
    ".ssv",
    ".test",
)
PACKINGS = (".gz", ".zst", ".bz2", ".xz", ".zip")
MOST_MEMBERS = 100_000


def find_source(path: Path) -> Source:
    """The file of ratings at a path; ``archive.zip/member`` names a member of an archive.

    In a folder or archive it is the only data file, or else the only one that is called ratings, ``u.data`` or ``*.inter``.
    Raises ``UserError`` where there is none, or several, with their names.
    """
    try:
        if path.is_dir():
            names = sorted(str(one.relative_to(path)) for one in path.iterdir() if one.is_file())
            return find_source(path / _the_ratings(names, path))
        if path.is_file():
            return (
                Source(path)
                if kind_of(path) != "zip"
                else Source(path, _the_ratings([one for one in _members(path) if not _is_packed(one)], path))
            )
        for archive in path.parents:
            if archive.is_file() and kind_of(archive) == "zip":
                member = path.relative_to(archive).as_posix()
                if member in _members(archive):
                    return Source(archive, member)
    except OSError as error:
        raise UserError(f"'{path}' cannot be read ({error.strerror or error}); pass a file that can be") from error
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, ValueError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"'{path}' is not a whole zip archive ({error}); fetch it again") from error
    raise UserError(f"'{path}' does not exist; pass a file of ratings, a folder or a zip with one inside")


def label_of(source: Source) -> str:
    """What ratings from a source are called: the file without its suffixes.

    >>> label_of(Source(Path("some/mine.csv.gz"))), label_of(Source(Path("some.zip"), "inside/ratings.dat"))
    ('mine', 'some')
    """
    name = source.path.name
    while Path(name).suffix.lower() in (*SUFFIXES, *PACKINGS):
        name = Path(name).stem
    return name or source.path.name


def _members(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        inside = archive.infolist()
        if len(inside) > MOST_MEMBERS:
            raise UserError(
                f"'{path}' has {len(inside):,} members, and {MOST_MEMBERS:,} are the most; pass the file of ratings itself"
            )
        return [one.filename for one in inside if not one.is_dir() and not one.filename.startswith("__MACOSX/")]


def _the_ratings(names: Sequence[str], where: Path) -> str:
    data = [name for name in names if _is_data(name)]
    rated = [name for name in data if "rating" in PurePosixPath(name).name.lower()]
    known = [name for name in data if PurePosixPath(name).name == "u.data" or name.endswith(".inter")]
    for found in (data, rated, known):
        if len(found) == 1:
            return found[0]
    if not data:
        raise UserError(f"'{where}' has no file of ratings; such a file ends in {', '.join(SUFFIXES)}, packed or not")
    raise UserError(
        f"'{where}' has several files that may be the ratings ({', '.join(data[:6])}{', …' * (len(data) > 6)}); "
        f"pass one, such as {where}/{data[0]}"
    )


def _is_packed(name: str) -> bool:
    return PurePosixPath(name.lower()).suffix in PACKINGS


def _is_data(name: str) -> bool:
    pure = PurePosixPath(name.lower())
    if pure.name.startswith(".") or pure.name.startswith("readme"):
        return False
    return pure.suffix in SUFFIXES or (
        pure.suffix in PACKINGS and pure.suffix != ".zip" and PurePosixPath(pure.stem).suffix in SUFFIXES
    )
