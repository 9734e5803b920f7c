"""An outside model's predictions from a file, each value checked, each error with its line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cfce.errors import UserError
from cfce.scale import RatingScale

if TYPE_CHECKING:
    import pandas as pd

SUM_TOLERANCE = 1e-3
"""How far the probabilities of a row may be from 1; they are then divided by their sum."""

HELD_OUT = ("valid", "test")


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
            raise rows.error(row, f"part '{part[row]}' came; allowed: valid, test (train is not predicted)")
    points = _numbers(rows, frame, ["prediction"])[:, 0] if "prediction" in frame else None
    probabilities = _probabilities(rows, frame, names) if names[0] in frame else None
    return ExternalPredictions(path, part, rows.user, rows.item, points, probabilities)


def _is_csv(path: Path) -> bool:
    return path.suffix.lower() != ".parquet"


def _frame(path: Path) -> "pd.DataFrame":
    """The file as a table: every cell of a CSV as text, a Parquet file's columns with their types."""
    import pandas as pd

    if path.suffix.lower() not in (".csv", ".parquet"):
        raise UserError(f"'{path}' came; predictions are a .csv or a .parquet file")
    try:
        if not _is_csv(path):
            return pd.read_parquet(path)
        return pd.read_csv(path, dtype=str, keep_default_na=False, skip_blank_lines=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(f"there is no file '{path}'; pass a .csv or .parquet file of predictions") from None
    except Exception as error:  # pandas and pyarrow have many kinds; each means that the file is not readable
        text = str(error).strip().splitlines() or [type(error).__name__]
        raise UserError(f"'{path}' cannot be read as {path.suffix[1:].lower()}: {text[0]}") from error


def _check_columns(path: Path, columns: Sequence[str], names: Sequence[str]) -> None:
    wanted = f"user, item, optionally part, and prediction or {names[0]} to {names[-1]}"
    missing = [name for name in ("user", "item") if name not in columns]
    given = [name for name in names if name in columns]
    strange = [name for name in columns if str(name).startswith("p_") and name not in names]
    if missing:
        raise UserError(f"'{path}' has no column {missing[0]}; the columns are {wanted}")
    if strange:
        raise UserError(f"'{path}' has a column {strange[0]}, but the study's ratings are {_listed(names)}")
    if given and len(given) < len(names):
        lacking = next(name for name in names if name not in columns)
        raise UserError(f"'{path}' has no column {lacking}; a distribution needs a probability for each of {_listed(names)}")
    if not given and "prediction" not in columns:
        raise UserError(f"'{path}' has neither prediction nor probabilities; the columns are {wanted}")
    if len(set(columns)) < len(columns):
        raise UserError(f"'{path}' has a column twice; each column comes once")


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
        values = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        for row in np.flatnonzero(~(np.abs(values) < np.finfo(np.float32).max))[:1]:
            raise rows.error(int(row), f"{name} is '{frame[name].iloc[row]}'; it is a finite number")
        numbers[:, position] = values
    return numbers


def _probabilities(rows: ExternalPredictions, frame: "pd.DataFrame", names: Sequence[str]) -> NDArray[np.float32]:
    values = _numbers(rows, frame, names)
    for row, level in np.argwhere((values < 0) | (values > 1 + SUM_TOLERANCE))[:1]:
        raise rows.error(int(row), f"{names[level]} is {values[row, level]:g}; a probability is from 0 to 1")
    total = values.astype(np.float64).sum(axis=1)
    for row in np.flatnonzero(np.abs(total - 1) > SUM_TOLERANCE)[:1]:
        raise rows.error(int(row), f"the probabilities sum to {total[row]:.6g}, not to 1 (tolerance {SUM_TOLERANCE:g})")
    return np.asarray(values / total[:, None], dtype=np.float32)
