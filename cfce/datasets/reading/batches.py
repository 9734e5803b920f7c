"""Any file of ratings as batches of Arrow columns, in the order of its rows: text, JSON lines, Parquet and matrices."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfce.datasets.reading.layout import Layout, wrong_width
from cfce.datasets.reading.lines import Feed, blocks, with_one_separator
from cfce.datasets.reading.numbers import number_in, same_number
from cfce.datasets.reading.quotes import row_left_open, rows_in_a_field
from cfce.datasets.reading.source import Source
from cfce.datasets.reading.vocabulary import distinct_values
from cfce.errors import UserError

BLOCK = 4 << 20
"""Bytes that are parsed at a time."""
ROWS = 1 << 17
"""Rows of Parquet that are read at a time."""

Progress = Callable[[int], None]
"""Is told how many bytes of the file have been read."""


@dataclass(frozen=True)
class Batch:
    """Arrow columns of equal length, by role."""

    columns: dict[str, Any]
    rows: Any = None
    """The row of the file, from 0, of each rating of a matrix, (N,); None where each has one of its own."""
    not_finite: int = 0
    """Cells of a matrix that are left out, as they hold NaN or an infinity."""

    def __len__(self) -> int:
        return len(self.columns["rating"])


class WrongRow(Exception):  # noqa: N818 - becomes a UserError once its line is known
    """A row, from 0, that is not as it should be, and why."""

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(reason)
        self.row, self.reason = row, reason


def text_batches(source: Source, layout: Layout, encoding: str, progress: Progress) -> Iterator[Batch]:
    """The rows of text with separators."""
    import pyarrow as pa

    roles = layout.columns
    code, text = pa.dictionary(pa.int32(), pa.string()), pa.string()
    kinds = {_name(column): text if role == "timestamp" else code for role, column in roles.items()}
    with source.open() as stream:
        for batch in _csv(_fed(stream, layout, encoding, progress), layout, kinds, source):
            yield Batch({role: batch.column(_name(column)) for role, column in roles.items()})


def matrix_batches(source: Source, layout: Layout, encoding: str, none: str | None, progress: Progress) -> Iterator[Batch]:
    """The cells of a matrix that hold ratings, row by row; a user without a column is the number of its row, from 1."""
    import pyarrow as pa

    names = pa.array([layout.name_of(column).removeprefix("column ") for column in layout.items])
    code = pa.dictionary(pa.int32(), pa.string())
    kinds = {_name(column): code for column in (*layout.items, *layout.columns.values())}
    first = 0
    with source.open() as stream:
        for batch in _csv(_fed(stream, layout, encoding, progress), layout, kinds, source):
            ratings = np.empty((len(batch), len(layout.items)))
            for place, column in enumerate(layout.items):
                cells = batch.column(_name(column))
                ratings[:, place] = _cells(cells, none, layout.separator != ",", first, layout.name_of(column))
            row, item = np.nonzero(np.isfinite(ratings))
            if "user" in layout.columns:
                user = batch.column(_name(layout.columns["user"])).take(pa.array(row))
            else:
                user = pa.array(row + first + 1)
            columns = {
                "user": user,
                "item": pa.DictionaryArray.from_arrays(pa.array(item), names),
                "rating": pa.array(ratings[row, item]),
            }
            yield Batch(columns, row + first, int(np.isinf(ratings).sum()))
            first += len(batch)


def json_batches(
    source: Source, fields: dict[str, str], kinds: dict[str, Any], encoding: str, progress: Progress
) -> Iterator[Batch]:
    """The rows of JSON lines; ``fields`` is role to key, ``kinds`` is role to Arrow type."""
    import pyarrow as pa
    import pyarrow.json as pa_json

    schema = pa.schema([(key, kinds[role]) for role, key in fields.items()])
    parse = pa_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    with source.open() as stream:
        for block in blocks(stream, encoding):
            progress(stream.done)
            if not block.strip():
                continue
            try:
                read = pa_json.ReadOptions(use_threads=False, block_size=len(block) + 1)
                table = pa_json.read_json(pa.BufferReader(block), read, parse).combine_chunks()
            except pa.ArrowException as error:
                raise UserError(f"'{source}' cannot be read as JSON lines ({_short(error)}); mend the file") from error
            yield Batch({role: _one_chunk(table.column(key)) for role, key in fields.items()})


def parquet_batches(source: Source, columns: dict[str, str], progress: Progress) -> Iterator[Batch]:
    """The rows of Parquet; ``columns`` is role to name."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with open(source.path, "rb") as file, pq.ParquetFile(file) as table:
            for batch in table.iter_batches(ROWS, columns=list(columns.values()), use_threads=False):
                progress(file.tell())
                yield Batch({role: batch.column(name) for role, name in columns.items()})
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"'{source}' cannot be read as Parquet ({_short(error)}); mend the file") from error


def _fed(stream: Any, layout: Layout, encoding: str, progress: Progress) -> Iterator[bytes]:
    line = 1
    for block in blocks(stream, encoding):
        progress(stream.done)
        if layout.quoted and layout.separator == "\t":
            if b'"' in block and (wrong := row_left_open(block, layout.n_columns)):
                raise UserError(f"'{stream.source}', line {line + wrong[0]}: {wrong[1]}")
            line += block.count(b"\n")
        yield with_one_separator(block, layout.separator)


def _csv(pieces: Iterator[bytes], layout: Layout, kinds: dict[str, Any], source: Source) -> Iterator[Any]:
    """Record batches of the columns in ``kinds``; columns are named by their numbers, since a header may repeat a name."""
    import pyarrow as pa
    import pyarrow.csv as pa_csv

    names = [_name(column) for column in range(layout.n_columns)]
    wrong: list[Any] = []

    def handle(row: Any) -> str:
        wrong.append(row)
        return "error"

    try:
        with pa_csv.open_csv(
            Feed(pieces),
            read_options=pa_csv.ReadOptions(use_threads=False, block_size=BLOCK, skip_rows=layout.skip, column_names=names),
            parse_options=pa_csv.ParseOptions(
                delimiter="\t" if layout.separator in ("::", " ") else layout.separator,
                quote_char='"' if layout.quoted else False,
                newlines_in_values=layout.quoted,
                invalid_row_handler=handle,
            ),
            convert_options=pa_csv.ConvertOptions(column_types=kinds, include_columns=list(kinds), strings_can_be_null=False),
        ) as reader:
            row = 0
            for batch in reader:
                if layout.quoted:
                    _check_quotes(batch, layout, row)
                row += len(batch)
                yield batch
    except pa.ArrowException as error:
        if wrong:
            row = wrong[0]
            wrong_line = wrong_width(row.actual_columns, row.expected_columns, row.text[:60])
            raise UserError(f"'{source}': {wrong_line}") from error
        raise UserError(f"'{source}' cannot be read ({_short(error)}); mend the file") from error


def _check_quotes(batch: Any, layout: Layout, row: int) -> None:
    for column in map(int, batch.schema.names):
        codes = batch.column(_name(column))
        if hasattr(codes, "dictionary"):
            wrong = rows_in_a_field(codes, column, layout.n_columns - 1 - column, layout.separator)
            if wrong is not None:
                raise WrongRow(row + wrong[0], wrong[1])


def _cells(cells: Any, none: str | None, decimal_comma: bool, first: int, name: str) -> NDArray[np.float64]:
    """The ratings of a column of a matrix; NaN where a cell means 'not rated', an infinity where it holds no finite number."""
    values, index = distinct_values(cells)
    numbers = np.full(len(values), np.nan)
    for place, value in enumerate(values):
        if not value.strip() or same_number(value, none):
            continue
        number = number_in(value, decimal_comma)
        if number is None:
            row = first + int(np.flatnonzero(index == place)[0])
            raise WrongRow(row, f"{name} holds '{value}', which is not a number; name the value of no rating (--none)")
        numbers[place] = number if np.isfinite(number) else np.inf
    return numbers[index]


def _one_chunk(column: Any) -> Any:
    import pyarrow as pa

    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def _name(column: int) -> str:
    return str(column)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
