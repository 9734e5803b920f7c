"""Anybody's ratings: a CSV, TSV or Parquet file with the columns user, item and rating."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfce.errors import UserError
from cfce.ratings import Ratings
from cfce.scale import MAX_LEVELS, RatingScale

COLUMNS = ("user", "item", "rating")
DELIMITERS = {".csv": ",", ".tsv": "\t"}
SUFFIXES = (*DELIMITERS, ".parquet")

_INTEGER = re.compile(r"-?(?:[1-9]\d{0,17}|0)")


def read_table(path: Path, scale: RatingScale | None = None) -> Ratings:
    """The ratings in a file, named after it; without ``scale`` the distinct ratings are the scale and must have equal steps.

    Other columns are ignored. In text, ids that are all whole numbers (without leading zeros) become ints.
    Raises ``UserError`` that names the file, and the line where one line is wrong: for missing columns, blank values,
    ratings that are no numbers or not on the scale, and damaged files.
    """
    import pyarrow as pa

    try:
        table = _read_parquet(path) if path.suffix == ".parquet" else _read_text(path)
    except OSError as error:
        raise UserError(f"'{path}' cannot be read ({error.strerror or error}); pass a file that can be") from error
    except pa.ArrowException as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(f"'{path}' cannot be read as {path.suffix[1:]} ({reason}); mend the file") from error
    if not len(table):
        raise UserError(f"'{path}' has no ratings below its header; at least one is needed")
    columns = {name: _distinct(table.column(name), name, path) for name in COLUMNS}
    value_of, code = columns["rating"]
    values = _numbers(value_of, code, path)
    scale = scale or _equal_steps(values, code, path)
    off = ~np.isin(values, scale.values)
    if off.any():
        row = int(np.flatnonzero(off[code])[0])
        allowed = ", ".join(f"{value:g}" for value in scale.values)
        raise UserError(f"{_place(path, row)}: rating {values[code[row]]:g} is not on the scale; allowed: {allowed}")
    user, user_ids = _sorted(*columns["user"], text=path.suffix != ".parquet")
    item, item_ids = _sorted(*columns["item"], text=path.suffix != ".parquet")
    return Ratings(user, item, scale.levels_of(values)[code], user_ids, item_ids, scale, path.stem)


def _read_text(path: Path) -> Any:
    """The three columns of a CSV or TSV file as strings in dictionaries, so that a rating costs three codes."""
    import pyarrow as pa
    import pyarrow.csv as pa_csv

    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        header = next(csv.reader(file, delimiter=DELIMITERS[path.suffix]), [])
    _check_columns(header, path)
    kind = pa.dictionary(pa.int32(), pa.string())
    return pa_csv.read_csv(
        path,
        read_options=pa_csv.ReadOptions(use_threads=False),
        parse_options=pa_csv.ParseOptions(delimiter=DELIMITERS[path.suffix], newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(COLUMNS, kind), include_columns=COLUMNS, strings_can_be_null=False
        ),
    )


def _read_parquet(path: Path) -> Any:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        _check_columns(file.schema_arrow.names, path)
        return file.read(columns=list(COLUMNS), use_threads=False)


def _check_columns(found: list[str], path: Path) -> None:
    missing = [name for name in COLUMNS if found.count(name) != 1]
    if missing:
        raise UserError(
            f"'{path}' has the columns {', '.join(found) or '(none)'}; "
            f"it needs each of user, item and rating once, so mend the column {', '.join(missing)}"
        )


def _distinct(column: Any, name: str, path: Path) -> tuple[list[Any], NDArray[np.int32]]:
    """The distinct values of a column and the number of each row's value, (N,); a blank value is an error."""
    import pyarrow as pa

    whole = column.dictionary_encode().unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0)
    values = whole.dictionary.to_pylist()
    code = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    blank = np.array([*(_is_blank(value) for value in values), True])  # code -1 stands for null
    wrong = np.flatnonzero(blank[code])
    if wrong.size:
        raise UserError(f"{_place(path, int(wrong[0]))}: the {name} is blank; every rating needs a user, an item and a rating")
    return values, code


def _is_blank(value: Any) -> bool:
    return value is None or value != value or (isinstance(value, str) and not value.strip())


def _numbers(values: list[Any], code: NDArray[np.int32], path: Path) -> NDArray[np.float64]:
    """The distinct ratings as numbers; one that is none is an error that names its line."""
    numbers = np.empty(len(values))
    for number, value in enumerate(values):
        try:
            numbers[number] = float(value)
        except (TypeError, ValueError):
            numbers[number] = np.nan
    wrong = np.flatnonzero(~np.isfinite(numbers)[code])
    if wrong.size:
        row = int(wrong[0])
        raise UserError(f"{_place(path, row)}: rating '{values[code[row]]}' is not a number; a rating is a finite number")
    return numbers


def _equal_steps(values: NDArray[np.float64], code: NDArray[np.int32], path: Path) -> RatingScale:
    """The scale of the distinct ratings; a rating that breaks its equal steps is taken for a mistake and named."""
    distinct, which = np.unique(values, return_inverse=True)
    if not 2 <= len(distinct) <= MAX_LEVELS:
        raise UserError(f"'{path}' has {len(distinct)} distinct ratings; a rating scale has 2 to {MAX_LEVELS} values")
    counts = np.bincount(which[code], minlength=len(distinct))
    steps = np.round(np.diff(distinct), 9)
    usual, times = np.unique(steps, return_counts=True)
    odd = np.flatnonzero(steps != usual[times.argmax()])
    if odd.size:
        suspects = np.unique(np.concatenate([odd, odd + 1]))
        mends = [len(set(np.diff(np.delete(distinct, one)).round(9))) == 1 for one in suspects]  # the others have equal steps
        suspect = suspects[np.lexsort((counts[suspects], ~np.array(mends)))[0]]
        row = int(np.flatnonzero(which[code] == suspect)[0])
        others = ", ".join(f"{value:g}" for value in np.delete(distinct, suspect))
        raise UserError(
            f"{_place(path, row)}: rating {distinct[suspect]:g} came, but the others are {others} and a scale has equal steps; "
            f"correct it, or name every rating that there may be (--scale)"
        )
    return RatingScale(tuple(distinct.tolist()))


def _sorted(values: list[Any], code: NDArray[np.int32], text: bool) -> tuple[NDArray[np.int32], NDArray[Any]]:
    """Codes from 1 in the order of the ids, (N,), and the ids in that order."""
    if text and all(_INTEGER.fullmatch(value) and value != "-0" for value in values):
        values = [int(value) for value in values]
    ids = np.empty(len(values), dtype=object)
    ids[:] = values
    if all(type(value) is int for value in values):
        ids = ids.astype(np.int64)
    try:
        order = np.argsort(ids, kind="stable")
    except TypeError:  # values of such a type have no order
        order = np.argsort(np.array([str(value) for value in values]), kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(1, len(order) + 1, dtype=np.int32)
    return rank[code], ids[order]


def _place(path: Path, row: int) -> str:
    """Where the row number ``row`` (from 0) of a file is: its line in text, its row (from 1) in Parquet."""
    if path.suffix == ".parquet":
        return f"'{path}', row {row + 1}"
    for number, line in enumerate(_lines_of_rows(path)):
        if number == row:
            return f"'{path}', line {line}"
    return f"'{path}', row {row + 1}"


def _lines_of_rows(path: Path) -> Iterator[int]:
    """The line on which each row below the header ends; blank lines are no rows, and a quoted value may hold line breaks."""
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        reader = csv.reader(file, delimiter=DELIMITERS[path.suffix])
        next(reader, None)
        for fields in reader:
            if fields:
                yield reader.line_num
