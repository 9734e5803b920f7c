"""Predictions on disk: one Parquet file a trial, with columns part, user, item, level, prediction and p_<rating>."""

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bench.study.held_out import HeldOut
from cfce.files import write_whole
from cfce.predictions import Prediction
from cfce.scale import RatingScale


def write_predictions(path: Path, parts: dict[str, HeldOut], scale: RatingScale) -> None:
    """Write the predictions of a trial into a file."""
    write_whole(path, predictions_bytes(parts, scale))


def predictions_bytes(parts: dict[str, HeldOut], scale: RatingScale) -> bytes:
    """The file of the predictions of a trial: ``prediction`` for points, ``p_<rating>`` for probabilities."""
    held = list(parts.values())
    columns: dict[str, pa.Array] = {
        "part": pa.array(np.repeat([one.part for one in held], [len(one.level) for one in held])).dictionary_encode(),
        "user": pa.array(np.concatenate([one.user for one in held])).dictionary_encode(),
        "item": pa.array(np.concatenate([one.item for one in held])).dictionary_encode(),
        "level": pa.array(np.concatenate([one.level for one in held]).astype(np.uint8)),
    }
    if held[0].prediction.points is not None:
        columns["prediction"] = pa.array(np.concatenate([one.prediction.points for one in held]))
    if held[0].prediction.probabilities is not None:
        probabilities = np.concatenate([one.prediction.probabilities for one in held])
        for level in range(scale.n_levels):
            columns[f"p_{scale.label(level)}"] = pa.array(np.ascontiguousarray(probabilities[:, level]))
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, compression="zstd")
    return buffer.getvalue()


def read_predictions(path: Path, scale: RatingScale) -> dict[str, HeldOut]:
    """The predictions of a trial by part, as ``write_predictions`` wrote them."""
    # not read_table, whose datasets of many files take longer to set up than to read; and not by name, which may be no UTF-8
    with open(path, "rb") as content, pq.ParquetFile(content) as file:
        table = file.read()
    part = _decoded(table["part"])
    level = _levels(table, scale)
    user, item = _decoded(table["user"]), _decoded(table["item"])
    names = [f"p_{scale.label(one)}" for one in range(scale.n_levels)]
    points = table["prediction"].to_numpy() if "prediction" in table.column_names else None
    probabilities = np.column_stack([table[name].to_numpy() for name in names]) if names[0] in table.column_names else None
    parts = {}
    for name in dict.fromkeys(part.tolist()):
        rows = part == name
        prediction = Prediction(
            scale,
            None if points is None else points[rows],
            None if probabilities is None else probabilities[rows],
        )
        parts[name] = HeldOut(name, user[rows], item[rows], level[rows], prediction)
    return parts


def _levels(table: pa.Table, scale: RatingScale) -> NDArray[np.uint8]:
    """The observed levels; files of format 0 hold the ratings in 32 bits, which are nearest to those of their levels."""
    if "level" in table.column_names:
        return np.asarray(table["level"].to_numpy(), dtype=np.uint8)
    return scale.nearest(table["rating"].to_numpy())


def _decoded(column: pa.ChunkedArray) -> NDArray[np.object_]:
    """The values of a column of names or numbers, each name made once where they are numbers into a dictionary."""
    if not pa.types.is_dictionary(column.type):
        return np.asarray(column.to_numpy().astype(object))
    chunk = column.combine_chunks()
    return np.asarray(chunk.dictionary.to_numpy(zero_copy_only=False).astype(object)[chunk.indices.to_numpy()])
