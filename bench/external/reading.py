"""An outside model's predictions from a file, each value checked, each error with its line."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cfce.errors import UserError
from cfce.prediction_table import check_columns, place, points_of, probabilities_of, probability_names, read_table
from cfce.scale import RatingScale
from cfce.text import NAME, short

if TYPE_CHECKING:
    import pandas as pd

HELD_OUT = ("valid", "test")

MAX_DIGITS = 18
"""Digits of a row number below which it is a 64-bit integer."""


@dataclass(frozen=True, eq=False)
class ExternalPredictions:
    """N rows as a file gave them: ids as text, and points (N,), probabilities (N, K) or both."""

    path: Path
    part: NDArray[Any] | None
    """``'valid'`` or ``'test'``, (N,); None where the file does not say."""
    user: NDArray[Any]
    item: NDArray[Any]
    points: NDArray[np.float32] | None
    probabilities: NDArray[np.float32] | None
    row: NDArray[np.int64] | None = None
    """The number of the held-out rating that each row predicts, (N,): the column ``row`` of 'bench export-fold'."""

    def __len__(self) -> int:
        return len(self.user)

    def place(self, row: int) -> str:
        """Where a row stands in the file."""
        return place(self.path, row)

    def error(self, row: int, what: str) -> UserError:
        """The error of one row, with the file and the place named."""
        return UserError(f"'{self.path}', {self.place(row)}: {what}")


def read_predictions(path: Path, scale: RatingScale) -> ExternalPredictions:
    """Read a CSV or Parquet file with columns user, item, with or without part and row, and ``prediction`` or ``p_<rating>``s.

    Ids are compared as text. Raises ``UserError`` for a file that is none of both, a missing or repeated column, a blank
    id, a part other than valid and test, a value that is not a finite number, a probability outside 0 to 1, and rows
    whose probabilities do not sum to 1.
    """
    frame = read_table(path)
    names = probability_names(scale)
    advice = "keep user and item of the rows of valid and test that 'bench export-fold' writes, beside their predictions"
    check_columns(path, list(frame.columns), ("user", "item"), "user, item, optionally part and row", names, advice)
    ids = {what: _texts(frame[what]) for what in ("user", "item")}
    part = _texts(frame["part"]) if "part" in frame else None
    rows = ExternalPredictions(path, part, ids["user"], ids["item"], None, None)
    for what, column in ids.items():
        for row in np.flatnonzero(column == "")[:1]:
            raise rows.error(row, f"the {what} is blank; every row needs a user and an item")
    if part is not None:
        for row in np.flatnonzero(~np.isin(part, HELD_OUT))[:1]:
            raise rows.error(row, f"part '{short(part[row], NAME)}' came; allowed: valid, test (train is not predicted)")
    points, probabilities = points_of(frame, rows.error), probabilities_of(frame, names, rows.error)
    if points is not None:
        _check_points(rows, points, scale)
    row = _row_numbers(rows, _texts(frame["row"])) if "row" in frame else None
    return ExternalPredictions(path, part, rows.user, rows.item, points, probabilities, row)


def _row_numbers(rows: ExternalPredictions, texts: NDArray[Any]) -> NDArray[np.int64]:
    """Whole numbers from 0, (N,)."""
    good = np.array([text.isascii() and text.isdecimal() and len(text) < MAX_DIGITS for text in texts.tolist()], dtype=bool)
    for row in np.flatnonzero(~good)[:1]:
        raise rows.error(int(row), f"row is '{short(texts[row], NAME)}'; it is the number that 'bench export-fold' wrote")
    return texts.astype(np.int64)


def _check_points(rows: ExternalPredictions, points: NDArray[np.float32], scale: RatingScale) -> None:
    """Refuse predictions that are further off the scale than the scale is wide: they are of another one."""
    lowest, highest = scale.values[0] - scale.span, scale.values[-1] + scale.span
    for row in np.flatnonzero((points < lowest) | (points > highest))[:1]:
        raise rows.error(
            int(row),
            f"prediction is {points[row]:g}, but the ratings go from {scale.values[0]:g} to {scale.values[-1]:g}; "
            f"a prediction lies between {lowest:g} and {highest:g}",
        )


def _texts(column: "pd.Series[Any]") -> NDArray[Any]:
    """A column of ids as text, ``''`` where one is missing; whole numbers stored as floats lose their ``.0``."""
    import pandas as pd

    missing = column.isna().to_numpy()
    values = column.to_numpy(dtype=object)
    if pd.api.types.is_float_dtype(column) and all(float(value).is_integer() for value in values[~missing]):
        values = np.array([0 if gone else int(value) for value, gone in zip(values, missing, strict=True)], dtype=object)
    texts = np.array([str(value) for value in values], dtype=object)
    texts[missing] = ""
    return texts
