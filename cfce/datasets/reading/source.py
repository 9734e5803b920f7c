"""Where ratings are read from: a file, packed or not, or one member of a zip; opened as a stream of plain bytes."""

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cfce.errors import UserError

MAGIC = {
    b"\x1f\x8b": "gz",
    b"PK\x03\x04": "zip",
    b"\x28\xb5\x2f\xfd": "zst",
    b"BZh": "bz2",
    b"\xfd7zXZ": "xz",
    b"PAR1": "parquet",
}
"""First bytes to what they mean: a file is what it holds, whatever it is called."""
PACKED = ("gz", "zst", "bz2", "xz")
SMALL = 1 << 30
"""Bytes that any packed file may unpack to."""
MOST_AT_ONCE = 1 << 28
"""Bytes of a file that is unpacked at once."""
MOST_TIMES = 100
"""How many times its size a large packed file may unpack to: ratings pack 3 to 10 times smaller, a bomb a thousand times."""


@dataclass(frozen=True)
class Source:
    """A file, or the member of a zip archive."""

    path: Path
    member: str | None = None

    def __str__(self) -> str:
        """The path, with the member behind it."""
        return str(self.path) if self.member is None else f"{self.path}/{self.member}"

    @property
    def size(self) -> int:
        """Bytes on disk of the file."""
        return self.path.stat().st_size

    @property
    def kind(self) -> str:
        """What the first bytes say: one of the values of ``MAGIC``, or ``''``."""
        return kind_of(self.path)

    @contextmanager
    def open(self) -> Iterator["Stream"]:
        """The unpacked bytes. Raises ``UserError`` while reading where they become more than the packed size warrants."""
        with ExitStack() as stack:
            raw = stack.enter_context(open(self.path, "rb"))
            if self.member is not None:
                archive = stack.enter_context(zipfile.ZipFile(raw))
                inside = archive.getinfo(self.member)
                limit = _limit(inside.compress_size)
                if inside.file_size > limit:
                    raise _too_large(self, inside.file_size, limit)
                yield Stream(self, stack.enter_context(archive.open(inside)), raw, limit)
            elif (kind := self.kind) in PACKED:
                yield Stream(self, stack.enter_context(_unpack(raw, kind)), raw, _limit(self.size))
            else:
                yield Stream(self, raw, raw, None)


class Stream:
    """Unpacked bytes, counted while they are read."""

    def __init__(self, source: Source, unpacked: IO[bytes], raw: IO[bytes], limit: int | None) -> None:
        self.source, self._unpacked, self._raw, self._limit = source, unpacked, raw, limit
        self._count = 0

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes at most; ``b''`` at the end."""
        try:
            block = self._unpacked.read(size)
        except (zipfile.BadZipFile, EOFError, OSError, lzma.LZMAError, zlib.error) as error:
            raise UserError(f"'{self.source}' is not a whole packed file ({error}); fetch it again") from error
        self._count += len(block)
        if self._limit is not None and self._count > self._limit:
            raise _too_large(self.source, self._count, self._limit)
        return block

    @property
    def done(self) -> int:
        """Bytes of the file on disk that have been read."""
        return self._raw.tell()


def kind_of(path: Path) -> str:
    """What the first bytes of a file say it is."""
    with open(path, "rb") as file:
        first = file.read(8)
    return next((kind for magic, kind in MAGIC.items() if first.startswith(magic)), "")


def member_bytes(archive: zipfile.ZipFile, name: str) -> bytes:
    """A small file of an archive at once; ``UserError`` where it is large. No more is unpacked than the archive says."""
    inside = archive.getinfo(name)
    if inside.file_size > MOST_AT_ONCE:
        raise UserError(
            f"'{archive.filename}/{name}' unpacks to {inside.file_size:,} bytes, and {MOST_AT_ONCE:,} are the most; "
            "it is not MovieLens' archive, so fetch that again"
        )
    return archive.read(inside)


def _limit(packed: int) -> int:
    return max(SMALL, MOST_TIMES * packed)


def _too_large(source: Source, size: int, limit: int) -> UserError:
    return UserError(
        f"'{source}' unpacks to {size:,} bytes or more, and {limit:,} are the most for a file of its size; "
        f"unpack it by other means if it is right, and pass what comes out"
    )


@contextmanager
def _unpack(raw: IO[bytes], kind: str) -> Iterator[Any]:
    if kind == "zst":
        import pyarrow as pa

        with pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd") as stream:
            yield stream
    else:
        opener: Any = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}[kind]
        with opener(raw, "rb") as stream:
            yield stream
