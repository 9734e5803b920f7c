"""Scores on disk, of trials that keep no predictions: one Parquet file a trial, whose rows are the users in a file of the fold.

A column a loss holds its sum over each user's ratings of the part that claims are made on; everything else, a few numbers, is
compressed JSON in the metadata. Users are stored once for all trials of a fold, as rows are.
"""

import hashlib
import io
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bench.study.files import users_path
from bench.study.fold_rows import decoded, metadata_of, read_table


@dataclass(frozen=True, eq=False)
class JudgedUsers:
    """Who the ratings of a fold's evaluation part belong to: ids (users,), as they come, and ratings of each."""

    user: NDArray[Any]
    count: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class KeptScores:
    """What a trial without predictions keeps: plain JSON values, and by name the sums over each user's ratings, (users,)."""

    about: Mapping[str, Any]
    sums: Mapping[str, NDArray[np.float32]]
    users: JudgedUsers


def kept_bytes(kept: KeptScores) -> tuple[bytes, bytes]:
    """The file of a trial's scores, and that of its fold's users."""
    users = _file({"user": pa.array(kept.users.user), "count": pa.array(kept.users.count)}, {}, {})
    about = {"users": hashlib.sha256(users).hexdigest(), "scores": _packed(kept.about)}
    sums = {name: pa.array(one) for name, one in kept.sums.items()}
    return _file(sums, about, {"use_dictionary": False, "write_statistics": False, "use_byte_stream_split": True}), users


def read_kept(path: Path) -> KeptScores:
    """The scores in a file, with the users in the one beside it; ``ValueError`` where they are not of each other."""
    table = read_table(path)
    about = metadata_of(table)
    users = read_table(users_path(path.parent, about["users"]))
    if len(users) != len(table):
        raise ValueError(f"it has {len(table)} rows, but the users of its fold are {len(users)}")
    return KeptScores(
        json.loads(zlib.decompress(b64decode(about["scores"]))),
        {name: np.asarray(table[name].to_numpy()) for name in table.column_names},
        JudgedUsers(decoded(users["user"]), np.asarray(users["count"].to_numpy())),
    )


def _packed(values: Mapping[str, Any]) -> str:
    """JSON as compressed text: Parquet compresses no metadata."""
    return b64encode(zlib.compress(json.dumps(values).encode())).decode()


def _file(columns: Mapping[str, pa.Array], about: Mapping[str, str], options: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    table = pa.table(dict(columns)).replace_schema_metadata(dict(about))
    pq.write_table(table, buffer, compression="zstd", **options)
    return buffer.getvalue()
