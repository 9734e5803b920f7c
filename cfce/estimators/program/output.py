"""What a program left in its folder: predictions and timing, each value checked."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cfce.errors import UserError
from cfce.prediction_table import check_columns, place, points_of, probabilities_of, probability_names, read_table
from cfce.predictions import Prediction
from cfce.splits import Fold

if TYPE_CHECKING:
    import pandas as pd


def read_output(path: Path, fold: Fold, family: str) -> dict[str, Prediction]:
    """The predictions of the held-out parts: columns ``row``, and ``prediction`` or every ``p_<rating>`` or both.

    Every row of valid and test is predicted once, in any order; other columns are ignored. Raises ``UserError`` for a missing
    file or column, a row that is missing, repeated or none, a number that is not finite, probabilities that are out of range
    or do not sum to 1, and for points alone where the family gives distributions.
    """
    short = Path(path.name)  # the folder is gone when the sentence is read
    if not path.is_file():
        raise UserError(f"the program wrote no '{short}'; it writes one row for each row of valid and test")
    try:
        frame = read_table(path)
    except UserError as error:
        raise UserError(str(error).replace(str(path), str(short))) from error
    names = probability_names(fold.scale)
    check_columns(short, list(frame.columns), ("row",), "row", names)
    if family != "regression" and names[0] not in frame:
        raise UserError(f"'{short}' has points alone, but a program of the family {family} gives {names[0]} to {names[-1]}")

    def fault(row: int, what: str) -> UserError:
        return UserError(f"'{short}', {place(short, row)}: {what}")

    order = _order(frame, sum(len(fold.rows(part)) for part in fold.held_out), short)
    points, probabilities = points_of(frame, fault), probabilities_of(frame, names, fault)
    found, start = {}, 0
    for part in fold.held_out:
        rows = order[start : start + len(fold.rows(part))]
        start += len(rows)
        found[part] = Prediction(
            fold.scale,
            None if points is None else points[rows],
            None if probabilities is None else probabilities[rows],
        )
    return found


def _order(frame: "pd.DataFrame", n: int, path: Path) -> NDArray[np.intp]:
    """Where each of the n rows stands in the table, (n,)."""
    import pandas as pd

    given = pd.to_numeric(frame["row"], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    for at in np.flatnonzero(~((given >= 0) & (given < n) & (given == np.floor(given))))[:1]:
        raise UserError(
            f"'{path}', {place(path, int(at))}: row '{frame['row'].iloc[at]}' came; "
            f"rows are those of valid and test, 0 to {n - 1}"
        )
    rows = given.astype(np.intp)
    counts = np.bincount(rows, minlength=n)
    for row in np.flatnonzero(counts > 1)[:1]:
        raise UserError(f"'{path}' predicts row {row} {counts[row]} times; each row of valid and test comes once")
    missing = np.flatnonzero(counts == 0)
    if missing.size:
        raise UserError(
            f"'{path}' lacks {missing.size} of the {n} rows of valid and test, the first of them row {missing[0]}; "
            "predict every row"
        )
    return np.argsort(rows)


@dataclass(frozen=True)
class Timing:
    """What a program says of its fit; None where it does not."""

    fit_seconds: float | None = None
    n_parameters: int | None = None


def read_timing(path: Path) -> Timing:
    """``timing.json``: an object with ``fit_seconds`` and ``n_parameters``, both optional; nothing where there is no file."""
    if not path.is_file():
        return Timing()
    try:
        found: Any = json.loads(path.read_bytes())
    except ValueError as error:
        raise UserError(f"'timing.json' is not JSON ({error}); it is an object such as {{\"fit_seconds\": 1.5}}") from error
    if not isinstance(found, dict):
        raise UserError(f"'timing.json' holds {found!r}; it is an object such as {{\"fit_seconds\": 1.5}}")
    seconds, parameters = found.get("fit_seconds"), found.get("n_parameters")
    if seconds is not None and (type(seconds) not in (int, float) or not math.isfinite(seconds) or seconds < 0):
        raise UserError(f"'timing.json' has fit_seconds {seconds!r}; it is a number of seconds, 0 or above")
    if parameters is not None and (type(parameters) is not int or parameters < 0):
        raise UserError(f"'timing.json' has n_parameters {parameters!r}; it is a whole number, 0 or above")
    return Timing(None if seconds is None else float(seconds), parameters)
