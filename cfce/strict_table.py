"""Tables of predictions read without guessing: no name is changed, no cell moved, no column taken for another kind."""

import csv
import io
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cfce.errors import UserError
from cfce.text import NAME, counted, short

if TYPE_CHECKING:
    import pandas as pd

TEXTS = ("user", "item", "part")
"""Columns that may hold text."""
NUMBERS = ("row", "prediction")
LONGEST_LINE = 1 << 20
"""Bytes of the line of names."""


def csv_table(path: Path) -> "pd.DataFrame":
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
            io.BytesIO(path.read_bytes()),  # not by name, which may be no UTF-8
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
            f"'{path}' cannot be read as csv: {line} has {counted(row.actual_columns, 'cell')} "
            f"and the first line {row.expected_columns}; "
            "give each column a name and each line a cell for each"
        ) from None
    frame: pd.DataFrame = table.to_pandas()
    frame.columns = names
    return frame


def parquet_table(path: Path) -> "pd.DataFrame":
    """A Parquet file whose columns hold numbers, and text where ids and parts are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with open(path, "rb") as content, pq.ParquetFile(content) as file:
        table = file.read(use_threads=False)
    check_repeats(path, table.column_names)
    for name in table.column_names:
        kind = table.schema.field(name).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
        known = name in TEXTS or name in NUMBERS or name.startswith("p_")
        if known and not is_number and not (is_text and name in TEXTS):
            allowed = "numbers or text" if name in TEXTS else "numbers"
            raise UserError(f"'{path}' has a column {short(name, NAME)} of the type {short(kind, NAME)}; it holds {allowed}")
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True)
    return frame


def check_repeats(path: Path, columns: Collection[str]) -> None:
    """``UserError`` where a name comes twice; columns without a name, as of an index, are left out."""
    seen = set()
    for name in columns:
        if name in seen:
            raise UserError(f"'{path}' has a column {short(name, NAME)} twice; each column comes once")
        if name:
            seen.add(name)
