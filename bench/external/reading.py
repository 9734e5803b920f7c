"""An outside model's predictions from a file, each value checked, each error with its line."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cfce.errors import UserError
from cfce.scale import RatingScale
from cfce.text import NAME, short

if TYPE_CHECKING:
    import pandas as pd

SUM_TOLERANCE = 1e-3
"""How far the probabilities of a row may be from 1; they are then divided by their sum."""

HELD_OUT = ("valid", "test")
KNOWN = ("user", "item", "part", "prediction")
LONGEST_LINE = 1 << 20
"""Bytes of the line of names."""


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

    def __len__(self) -> int:
        return len(self.user)

    def place(self, row: int) -> str:
        """Where a row stands in the file: its line in a CSV (the header is line 1), its row from 0 in a Parquet file."""
        return f"line {row + 2}" if _is_csv(self.path) else f"row {row}"

    def error(self, row: int, what: str) -> UserError:
        """The error of one row, with the file and the place named."""
        return UserError(f"'{self.path}', {self.place(row)}: {what}")


def read_predictions(path: Path, scale: RatingScale) -> ExternalPredictions:
    """Read a CSV or Parquet file with columns user, item, optionally part, and ``prediction`` or one ``p_<rating>`` a level.

    Ids are compared as text. Raises ``UserError`` for a file that is none of both, a missing or repeated column, a blank
    id, a part other than valid and test, a value that is not a finite number, a probability outside 0 to 1, and rows
    whose probabilities do not sum to 1.
    """
    frame = _frame(path)
    names = [f"p_{scale.label(level)}" for level in range(scale.n_levels)]
    _check_columns(path, list(frame.columns), names)
    ids = {what: _texts(frame[what]) for what in ("user", "item")}
    part = _texts(frame["part"]) if "part" in frame else None
    rows = ExternalPredictions(path, part, ids["user"], ids["item"], None, None)
    for what, column in ids.items():
        for row in np.flatnonzero(column == "")[:1]:
            raise rows.error(row, f"the {what} is blank; every row needs a user and an item")
    if part is not None:
        for row in np.flatnonzero(~np.isin(part, HELD_OUT))[:1]:
            raise rows.error(row, f"part '{short(part[row], NAME)}' came; allowed: valid, test (train is not predicted)")
    points = _numbers(rows, frame, ["prediction"])[:, 0] if "prediction" in frame else None
    if points is not None:
        _check_points(rows, points, scale)
    probabilities = _probabilities(rows, frame, names) if names[0] in frame else None
    return ExternalPredictions(path, part, rows.user, rows.item, points, probabilities)


def _is_csv(path: Path) -> bool:
    return path.suffix.lower() != ".parquet"


def _frame(path: Path) -> "pd.DataFrame":
    """The file as a table: every cell of a CSV as text, a Parquet file's columns with their types."""
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise UserError(f"'{path}' came; predictions are a .csv or a .parquet file")
    try:
        return _csv_frame(path) if _is_csv(path) else _parquet_frame(path)
    except FileNotFoundError:
        raise UserError(f"there is no file '{path}'; pass a .csv or .parquet file of predictions") from None
    except UserError:
        raise
    except Exception as error:  # pandas and pyarrow have many kinds; each means that the file is not readable
        text = short(error) or type(error).__name__
        raise UserError(f"'{path}' cannot be read as {path.suffix[1:].lower()}: {text}") from error


def _csv_frame(path: Path) -> "pd.DataFrame":
    """A CSV in UTF-8, cells as text under the names that its first line has; each line has as many cells as that one.

    Columns are read by their numbers, since a reader that renames a repeated name would hide it.
    """
    import pyarrow as pa
    import pyarrow.csv as pa_csv

    with open(path, "rb") as file:
        head = file.readline(LONGEST_LINE)
    names = next(csv.reader([head.decode("utf-8-sig")]), [])
    if not names:
        raise UserError(f"'{path}' cannot be read as csv: its first line is empty; it names the columns")
    wrong: list[Any] = []

    def handle(row: Any) -> str:
        wrong.append(row)
        return "error"

    numbers = [str(column) for column in range(len(names))]
    try:
        table = pa_csv.read_csv(
            path,
            # one thread, so that a wrong line has its number
            read_options=pa_csv.ReadOptions(column_names=numbers, skip_rows=1, use_threads=False),
            parse_options=pa_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=handle),
            convert_options=pa_csv.ConvertOptions(column_types=dict.fromkeys(numbers, pa.string()), strings_can_be_null=False),
        )
    except pa.ArrowException:
        if not wrong:
            raise
        row = wrong[0]
        line = f"line {row.number}" if row.number is not None else "a line"
        raise UserError(
            f"'{path}' cannot be read as csv: {line} has {row.actual_columns} cells and the first line {row.expected_columns}; "
            "give each column a name and each line a cell for each"
        ) from None
    frame: pd.DataFrame = table.to_pandas()
    frame.columns = names
    return frame


def _parquet_frame(path: Path) -> "pd.DataFrame":
    """A Parquet file whose columns hold numbers or text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        table = file.read()
    if len(set(table.column_names)) < len(table.column_names):
        raise UserError(f"'{path}' has a column twice; each column comes once")
    for name in table.column_names:
        kind = table.schema.field(name).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
        if not number and not (text and name in ("user", "item", "part")) and (name in KNOWN or name.startswith("p_")):
            allowed = "numbers or text" if name in KNOWN[:3] else "numbers"
            raise UserError(f"'{path}' has a column {name} of the type {short(kind, NAME)}; it holds {allowed}")
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True)
    return frame


def _check_columns(path: Path, columns: Sequence[str], names: Sequence[str]) -> None:
    wanted = f"user, item, optionally part, and prediction or {names[0]} to {names[-1]}"
    missing = [name for name in ("user", "item") if name not in columns]
    given = [name for name in names if name in columns]
    strange = [name for name in columns if str(name).startswith("p_") and name not in names]
    for name in columns:
        if columns.count(name) > 1 and (name in KNOWN or name in names):
            raise UserError(f"'{path}' has a column {name} twice; each column comes once")
    if missing:
        raise UserError(f"'{path}' has no column {missing[0]}; the columns are {wanted}")
    if strange:
        raise UserError(f"'{path}' has a column {short(strange[0], NAME)}, but the study's ratings are {_listed(names)}")
    if given and len(given) < len(names):
        lacking = next(name for name in names if name not in columns)
        raise UserError(f"'{path}' has no column {lacking}; a distribution needs a probability for each of {_listed(names)}")
    if not given and "prediction" not in columns:
        raise UserError(f"'{path}' has neither prediction nor probabilities; the columns are {wanted}")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(name.removeprefix("p_") for name in names)


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


def _numbers(rows: ExternalPredictions, frame: "pd.DataFrame", names: Sequence[str]) -> NDArray[np.float32]:
    """Columns of finite numbers, (N, columns)."""
    import pandas as pd

    numbers = np.empty((len(frame), len(names)), dtype=np.float32)
    for position, name in enumerate(names):
        column = frame[name]
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        wrong = ~(np.abs(values) < np.finfo(np.float32).max)
        if column.dtype.kind not in "iuf":  # text: what Python and pandas read, but people do not write
            wrong |= column.astype(str).str.contains("_", regex=False).to_numpy(dtype=bool)
        for row in np.flatnonzero(wrong)[:1]:
            raise rows.error(int(row), f"{name} is '{short(column.iloc[row], NAME)}'; it is a finite number")
        numbers[:, position] = values
    return numbers


def _check_points(rows: ExternalPredictions, points: NDArray[np.float32], scale: RatingScale) -> None:
    """Refuse predictions that are further off the scale than the scale is wide: they are of another one."""
    lowest, highest = scale.values[0] - scale.span, scale.values[-1] + scale.span
    for row in np.flatnonzero((points < lowest) | (points > highest))[:1]:
        raise rows.error(
            int(row),
            f"prediction is {points[row]:g}, but the ratings go from {scale.values[0]:g} to {scale.values[-1]:g}; "
            f"a prediction lies between {lowest:g} and {highest:g}",
        )


def _probabilities(rows: ExternalPredictions, frame: "pd.DataFrame", names: Sequence[str]) -> NDArray[np.float32]:
    values = _numbers(rows, frame, names)
    for row, level in np.argwhere((values < 0) | (values > 1 + SUM_TOLERANCE))[:1]:
        raise rows.error(int(row), f"{names[level]} is {values[row, level]:g}; a probability is from 0 to 1")
    total = values.astype(np.float64).sum(axis=1)
    for row in np.flatnonzero(np.abs(total - 1) > SUM_TOLERANCE)[:1]:
        raise rows.error(int(row), f"the probabilities sum to {total[row]:.6g}, not to 1 (tolerance {SUM_TOLERANCE:g})")
    return np.asarray(values / total[:, None], dtype=np.float32)
