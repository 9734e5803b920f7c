"""The held-out ratings of a fold, stored once for all its trials: ``predictions/rows-<id>.parquet``, named after its SHA-256."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bench.study.files import rows_path, sha256_of
from bench.study.held_out import HeldRows

DICTIONARY_BYTES = 1 << 28
"""The ids of any number of users stay a dictionary, into which rows are numbers."""


def rows_bytes(parts: Mapping[str, HeldRows]) -> bytes:
    """The file of a fold's held-out ratings: part, user, item and level, valid before test, in the order of the fold.

    Where the source has timestamps, their time too.
    """
    held = list(parts.values())
    columns = {
        "part": pa.array(np.repeat(list(parts), [len(one) for one in held])).dictionary_encode(),
        "user": pa.array(np.concatenate([one.user for one in held])).dictionary_encode(),
        "item": pa.array(np.concatenate([one.item for one in held])).dictionary_encode(),
        "level": pa.array(np.concatenate([one.level for one in held]).astype(np.uint8)),
    }
    times = [one.time for one in held if one.time is not None]
    if len(times) == len(held):
        columns["time"] = pa.array(np.concatenate(times).astype(np.int64))
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, compression="zstd", dictionary_pagesize_limit=DICTIONARY_BYTES)
    return buffer.getvalue()


class RowReader:
    """Reads rows, and keeps those that it read last: the trials of a fold share them."""

    def __init__(self) -> None:
        self._last: tuple[Path | None, dict[str, HeldRows]] = (None, {})

    def read(self, path: Path) -> dict[str, HeldRows]:
        """The held-out ratings by part; the same arrays where the same file is asked for again.

        Raises ``ValueError`` where the file is not the one that its name says.
        """
        if self._last[0] != path:
            if rows_path(path.parent, sha256_of(path)) != path:
                raise ValueError(f"the rows in {path.name} do not match their SHA-256")
            self._last = (path, parts_of(read_table(path)))
        return self._last[1]


def read_table(path: Path) -> pa.Table:
    """A Parquet file; not by pyarrow's ``read_table``, whose datasets of many files take longer to set up than to read.

    By one thread: those of pyarrow's pool may let go of the file while Python ends, which aborts it.
    """
    with open(path, "rb") as content, pq.ParquetFile(content) as file:  # not by name, which may be no UTF-8
        return file.read(use_threads=False)


def table_in(content: bytes) -> pa.Table:
    """The table in the bytes of a Parquet file."""
    with pq.ParquetFile(pa.BufferReader(content)) as file:
        return file.read(use_threads=False)


def metadata_of(table: pa.Table) -> dict[str, str]:
    """What a file says of its table, as text."""
    return {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}


def parts_of(table: pa.Table) -> dict[str, HeldRows]:
    """The columns part, user, item, level and, where there is one, time of a table as rows by part, each part's in order."""
    part, user, item = (decoded(table[name]) for name in ("part", "user", "item"))
    level = np.asarray(table["level"].to_numpy(), dtype=np.uint8)
    time = np.asarray(table["time"].to_numpy(), dtype=np.int64) if "time" in table.column_names else None
    found = {}
    for name in dict.fromkeys(part.tolist()):
        rows = part == name
        found[name] = HeldRows(user[rows], item[rows], level[rows], None if time is None else time[rows])
    return found


def decoded(column: pa.ChunkedArray) -> NDArray[np.object_]:
    """The values of a column of names or numbers, each name made once where they are numbers into a dictionary."""
    if not pa.types.is_dictionary(column.type):
        return np.asarray(column.to_numpy().astype(object))
    chunk: Any = column.combine_chunks()
    return np.asarray(chunk.dictionary.to_numpy(zero_copy_only=False).astype(object)[chunk.indices.to_numpy()])
