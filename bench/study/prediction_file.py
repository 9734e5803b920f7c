"""Predictions on disk: one Parquet file a trial, whose rows are those of the fold's file of rows.

Points are float32 as they are. Probabilities are codes of two bytes (``bench.study.coded``), or float32 as they are where that
takes less, as of a few distinct distributions, and in small files. Files of formats 0 and 1, which hold ids and levels
themselves, are read.
"""

import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bench.study.coded import decode, encode
from bench.study.files import rows_path
from bench.study.fold_rows import RowReader, metadata_of, parts_of, read_table, rows_bytes
from bench.study.held_out import HeldOut, HeldRows
from cfce.files import write_whole
from cfce.metrics.distribution import normal_over_levels
from cfce.predictions import Prediction
from cfce.scale import RatingScale

EXACT_BELOW = 2_000
"""Held-out ratings below which probabilities are not coded: a file of so few is small as it is."""
SAMPLE = 4_096
"""Ratings whose distributions tell whether they take less as they are."""


def write_predictions(path: Path, parts: dict[str, HeldOut], scale: RatingScale) -> str:
    """Write the predictions of a trial into a file, and their rows beside it where they are not there; the rows' SHA-256."""
    rows = rows_bytes({name: one.rows for name, one in parts.items()})
    digest = hashlib.sha256(rows).hexdigest()
    if not (place := rows_path(path.parent, digest)).exists():
        write_whole(place, rows)
    write_whole(path, predictions_bytes(parts, scale, digest))
    return digest


def predictions_bytes(parts: Mapping[str, HeldOut], scale: RatingScale, rows: str) -> bytes:
    """The file of a trial's predictions of ``parts``; ``rows`` is the SHA-256 of the file with their rows, in their order."""
    held = list(parts.values())
    first = held[0].prediction
    about = {"rows": rows}
    columns: dict[str, pa.Array] = {}
    if first.points is not None:
        columns["prediction"] = pa.array(np.concatenate([one.prediction.points for one in held]).astype(np.float32))
    if first.probabilities is not None and first.sigma is not None:
        about["sigma"] = repr(first.sigma)
    elif first.probabilities is not None:
        mass = np.concatenate([one.prediction.probabilities for one in held]).astype(np.float32)
        found, left_out = _distribution_columns(mass, held, scale)
        columns |= found
        if left_out is not None:
            about["left_out"] = scale.label(left_out)
    return _file(columns, about)


def read_predictions(path: Path, scale: RatingScale, reader: RowReader | None = None) -> dict[str, HeldOut]:
    """The predictions of a trial by part; ``reader`` keeps the rows that trials of one fold share."""
    table = read_table(path)
    about = metadata_of(table)
    if "rows" in about:
        rows = (reader or RowReader()).read(rows_path(path.parent, about["rows"]))
    else:
        rows, table = _rows_of_older(table, scale)
    return predictions_in(table, rows, scale)


def predictions_in(table: pa.Table, rows: Mapping[str, HeldRows], scale: RatingScale) -> dict[str, HeldOut]:
    """The predictions in the table of a trial's file, of these rows by part; ``ValueError`` where they are not as many."""
    about = metadata_of(table)
    if sum(map(len, rows.values())) != len(table):
        raise ValueError(f"it has {len(table)} rows, but the held-out ratings of its fold are {sum(map(len, rows.values()))}")
    points = table["prediction"].to_numpy() if "prediction" in table.column_names else None
    sigma = float(about["sigma"]) if "sigma" in about else None
    mass = _probabilities(table, scale, about.get("left_out"))
    parts, start = {}, 0
    for name, one in rows.items():
        at = slice(start, start + len(one))
        start = at.stop
        own = None if mass is None else mass[at]
        if points is not None and sigma is not None:
            own = normal_over_levels(points[at], sigma, scale).astype(np.float32)
        parts[name] = one.predicted(name, Prediction(scale, None if points is None else points[at], own, sigma=sigma))
    return parts


def _distribution_columns(
    mass: NDArray[np.float32], held: Sequence[HeldOut], scale: RatingScale
) -> tuple[dict[str, pa.Array], int | None]:
    """The columns of distributions (N, K): ``p_<rating>`` as they are, or ``c_<rating>`` for codes; and the level left out."""
    n, k = mass.shape
    names = [scale.label(one) for one in range(k)]
    exact = {f"p_{name}": pa.array(np.ascontiguousarray(mass[:, one])) for one, name in enumerate(names)}
    if n < EXACT_BELOW or _few_distinct(mass[:SAMPLE]):
        return exact, None
    coded = encode(mass, np.concatenate([one.level for one in held]), scale, _user_numbers(held))
    others = [one for one in range(k) if one != coded.left_out]
    columns = {f"c_{names[one]}": pa.array(np.ascontiguousarray(coded.codes[:, at])) for at, one in enumerate(others)}
    if coded.uncoded.any():
        columns |= {
            f"p_{name}": pa.array(np.ascontiguousarray(mass[:, one]), mask=~coded.uncoded) for one, name in enumerate(names)
        }
    return columns, coded.left_out


def _user_numbers(held: Sequence[HeldOut]) -> NDArray[np.int64]:
    """A number for each user of each part, (N,)."""
    numbers, start = [], 0
    for one in held:
        codes = pa.array(one.user).dictionary_encode().indices.to_numpy().astype(np.int64)
        numbers.append(start + codes)
        start += int(codes.max()) + 1
    return np.concatenate(numbers)


def _few_distinct(mass: NDArray[np.float32]) -> bool:
    """Whether distributions repeat so often that, compressed, they take less than codes."""
    return len(np.unique(mass, axis=0)) <= len(mass) // 16


def _file(columns: Mapping[str, pa.Array], about: Mapping[str, str]) -> bytes:
    """A Parquet file whose numbers are split into streams of bytes, of which the upper ones compress."""
    table = pa.table(columns).replace_schema_metadata(dict(about))
    buffer = io.BytesIO()
    plain = {"use_dictionary": False, "write_statistics": False}
    pq.write_table(table, buffer, compression="zstd", use_byte_stream_split=True, **plain)
    return buffer.getvalue()


def _probabilities(table: pa.Table, scale: RatingScale, left_out: str | None) -> NDArray[np.float32] | None:
    """The distributions of a table, (N, K); None where it has none."""
    names = [scale.label(one) for one in range(scale.n_levels)]
    has = set(table.column_names)
    if left_out is None:
        return np.column_stack([table[f"p_{name}"].to_numpy() for name in names]) if f"p_{names[0]}" in has else None
    mass = decode(np.column_stack([table[f"c_{name}"].to_numpy() for name in names if name != left_out]), names.index(left_out))
    if f"p_{names[0]}" in has:
        rows = np.flatnonzero(table[f"p_{names[0]}"].is_valid().to_numpy())
        for one, name in enumerate(names):
            mass[rows, one] = table[f"p_{name}"].drop_null().to_numpy()
    return mass


def _rows_of_older(table: pa.Table, scale: RatingScale) -> tuple[dict[str, Any], pa.Table]:
    """The rows that a file of format 0 or 1 holds itself; 0 has ratings in 32 bits, nearest to those of their levels."""
    if "level" not in table.column_names:
        level = scale.nearest(table["rating"].to_numpy())
        table = table.append_column("level", pa.array(level))
    rows = parts_of(table)
    part = table["part"].combine_chunks()
    names = np.asarray(part.dictionary_decode() if pa.types.is_dictionary(part.type) else part)
    order = np.concatenate([np.flatnonzero(names == name) for name in rows])
    return rows, table if (order == np.arange(len(order))).all() else table.take(pa.array(order))
