"""Predictions in a table that another program made: each value checked, each error with its place."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cfce.errors import UserError
from cfce.scale import RatingScale
from cfce.strict_table import check_repeats, csv_table, parquet_table
from cfce.text import NAME, short

if TYPE_CHECKING:
    import pandas as pd

SUM_TOLERANCE = 1e-3
"""How far the probabilities of a row may be from 1; they are then divided by their sum."""
ROUNDING = 1e-6
"""What sums of 32-bit numbers are off by, so that a row exactly at the tolerance is accepted on either side."""

Fault = Callable[[int, str], UserError]
"""(position of the row, what is wrong with it) to the error that names both."""


def read_table(path: Path) -> "pd.DataFrame":
    """A ``.csv`` file with every cell as text, or a ``.parquet`` file with its columns' types; else ``UserError``."""
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise UserError(f"'{path}' came; predictions are a .csv or a .parquet file")
    try:
        return csv_table(path) if is_csv(path) else parquet_table(path)
    except FileNotFoundError:
        raise UserError(f"there is no file '{path}'; pass a .csv or .parquet file of predictions") from None
    except UserError:
        raise
    except Exception as error:  # pyarrow has many kinds; each means that the file is not readable
        text = short(error) or type(error).__name__
        raise UserError(f"'{path}' cannot be read as {path.suffix[1:].lower()}: {text}") from error


def is_csv(path: Path) -> bool:
    """Whether a file of predictions is text."""
    return path.suffix.lower() != ".parquet"


def place(path: Path, row: int) -> str:
    """Where a row stands in its file: its line in a CSV (the header is line 1), its row from 0 in a Parquet file."""
    return f"line {row + 2}" if is_csv(path) else f"row {row}"


def probability_names(scale: RatingScale) -> list[str]:
    """The column of each level's probability.

    >>> probability_names(RatingScale((1, 2.5)))
    ['p_1', 'p_2.5']
    """
    return [f"p_{scale.label(level)}" for level in range(scale.n_levels)]


def check_columns(
    path: Path, columns: Sequence[str], keys: Sequence[str], wanted: str, names: Sequence[str], advice: str = ""
) -> None:
    """``UserError`` unless there are the ``keys`` and either ``prediction`` or every probability, each once.

    ``wanted`` says the keys in words, for the sentence, and ``advice`` where to get one that is missing.
    """
    check_repeats(path, columns)
    wanted = f"{wanted}, and prediction or {names[0]} to {names[-1]}"
    missing = [name for name in keys if name not in columns]
    given = [name for name in names if name in columns]
    strange = [name for name in columns if str(name).startswith("p_") and name not in names]
    if missing:
        raise UserError(f"'{path}' has no column {missing[0]}; the columns are {wanted}{advice and f'; {advice}'}")
    if strange:
        raise UserError(f"'{path}' has a column {short(strange[0], NAME)}, but the study's ratings are {_listed(names)}")
    if given and len(given) < len(names):
        lacking = next(name for name in names if name not in columns)
        raise UserError(f"'{path}' has no column {lacking}; a distribution needs a probability for each of {_listed(names)}")
    if not given and "prediction" not in columns:
        raise UserError(f"'{path}' has neither prediction nor probabilities; the columns are {wanted}")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(name.removeprefix("p_") for name in names)


def points_of(frame: "pd.DataFrame", fault: Fault) -> NDArray[np.float32] | None:
    """The column ``prediction``, (N,), finite; None where there is none."""
    return finite_numbers(frame, ["prediction"], fault)[:, 0] if "prediction" in frame else None


def finite_numbers(frame: "pd.DataFrame", names: Sequence[str], fault: Fault) -> NDArray[np.float32]:
    """Columns of finite numbers, (N, columns)."""
    import pandas as pd

    numbers = np.empty((len(frame), len(names)), dtype=np.float32)
    for position, name in enumerate(names):
        column = frame[name]
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        wrong = ~(np.abs(values) < np.finfo(np.float32).max)
        if column.dtype.kind not in "iuf":  # text, where 4_0 is read as 40
            wrong |= column.astype(str).str.contains("_", regex=False).to_numpy(dtype=bool)
        for row in np.flatnonzero(wrong)[:1]:
            raise fault(int(row), f"{name} is '{short(column.iloc[row], NAME)}'; it is a finite number")
        numbers[:, position] = values
    return numbers


def probabilities_of(frame: "pd.DataFrame", names: Sequence[str], fault: Fault) -> NDArray[np.float32] | None:
    """The probabilities, (N, K), each row divided by its sum, which is 1 but for rounding; None where there are none."""
    if names[0] not in frame:
        return None
    values = finite_numbers(frame, names, fault)
    allowed = SUM_TOLERANCE + ROUNDING
    for row, level in np.argwhere((values < 0) | (values > 1 + allowed))[:1]:
        raise fault(int(row), f"{names[level]} is {values[row, level]:g}; a probability is from 0 to 1")
    total = values.astype(np.float64).sum(axis=1)
    for row in np.flatnonzero(np.abs(total - 1) > allowed)[:1]:
        raise fault(int(row), f"the probabilities sum to {total[row]:.6g}, not to 1 (tolerance {SUM_TOLERANCE:g})")
    return np.asarray(values / total[:, None], dtype=np.float32)
