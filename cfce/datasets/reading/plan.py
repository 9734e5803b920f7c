"""What a file of ratings holds and how its rows come: found once, from its first bytes."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cfce.datasets.reading.batches import Batch, Progress, json_batches, matrix_batches, parquet_batches, text_batches
from cfce.datasets.reading.columns import find_columns, timestamp_unit
from cfce.datasets.reading.layout import WORDS, find_layout
from cfce.datasets.reading.lines import BLOCK, NotUtf8, blocks, encoding_of, lines_of
from cfce.datasets.reading.options import ReadingOptions
from cfce.datasets.reading.source import Source
from cfce.errors import UserError
from cfce.text import NAME, short

HEAD = 1 << 18
"""Bytes of text from which the layout is found."""
SHOWN_ROWS = 3


@dataclass(frozen=True)
class ReadingPlan:
    """How a file will be read."""

    source: Source
    batches: Callable[[Progress], Iterator[Batch]]
    """The rows, given what is told of the progress."""
    taken: str
    """What was taken for what, in a line."""
    first_rows: str
    """The first rows, in a line."""
    time_unit: str | None = None
    decimal_comma: bool = False
    skip: int = 0
    """Lines before the first row."""
    separator: str | None = None
    """Of text; None where rows are not lines."""
    encoding: str = "utf-8"
    matrix: bool = False
    quoted: bool = False
    """Whether fields of text may stand between quotes."""


def plan_reading(source: Source, options: ReadingOptions, encoding: str | None = None) -> ReadingPlan:
    """Look at the first bytes of a source and say how it is to be read; ``encoding`` beats what they tell.

    Raises ``UserError`` where they leave a doubt.
    """
    if source.member is None and source.kind == "parquet":
        return _plan_parquet(source, options)
    encoding = encoding or options.encoding
    head, encoding = _head(source, encoding)
    start = head.lstrip()
    if start.startswith("{"):
        return _plan_json(source, options, head, encoding)
    if start.startswith("[") and start[1:].lstrip().startswith("{"):
        raise UserError(f"'{source}' is one JSON array; write one object a line (jq -c '.[]')")
    layout = find_layout(head, options, str(source))
    if options.wide:
        batches = lambda progress: matrix_batches(source, layout, encoding, options.none, progress)  # noqa: E731
        user = layout.name_of(layout.columns["user"]) if layout.columns else "the number of the line"
        what = f"matrix of {len(layout.items)} items; user = {user}"
    else:
        batches = lambda progress: text_batches(source, layout, encoding, progress)  # noqa: E731
        order = sorted(layout.columns, key=("user", "item", "rating", "timestamp", "part").index)
        what = ", ".join(f"{role} = {layout.name_of(layout.columns[role])}" for role in order)
    if layout.time_unit in ("ms", "us", "ns"):
        what += f" in {layout.time_unit}"
    header = "a header" if layout.names else "no header"
    taken = f"'{source}' ({WORDS.get(layout.separator, repr(layout.separator))}, {header}, {encoding}): {what}"
    rows = "; ".join([taken, *layout.notes])
    first = _first_lines(head, layout.skip)
    return ReadingPlan(
        source,
        batches,
        rows,
        first,
        layout.time_unit,
        decimal_comma=layout.separator != ",",
        skip=layout.skip,
        separator=layout.separator,
        encoding=encoding,
        matrix=options.wide,
        quoted=layout.quoted,
    )


def _head(source: Source, encoding: str | None) -> tuple[str, str]:
    """The first whole lines, and the encoding that reads them: the one given, or UTF-8, or else Latin-1."""
    with source.open() as stream:
        mark = stream.read(BLOCK // 64)
    given, encoding = encoding, encoding or encoding_of(source, mark)
    try:
        with source.open() as stream:
            text = next(blocks(stream, encoding), b"")[:HEAD]
    except NotUtf8:
        if given is not None:
            raise UserError(f"'{source}' is not text in UTF-8; name its encoding (--encoding latin-1)") from None
        return _head(source, "latin-1")
    if len(text) == HEAD:
        text = text[: text.rfind(b"\n") + 1] or text
    return text.decode("utf-8", errors="replace"), encoding


def _first_lines(head: str, skip: int) -> str:
    lines = [line.strip() for line in lines_of(head)[skip:] if line.strip()][:SHOWN_ROWS]
    return "first rows: " + "  |  ".join(line if len(line) <= 60 else line[:59] + "…" for line in lines)


def _plan_json(source: Source, options: ReadingOptions, head: str, encoding: str) -> ReadingPlan:
    import pyarrow as pa

    objects = []
    for number, line in enumerate(head.split("\n")[:200]):
        if line.strip():
            try:
                objects.append(json.loads(line))
            except ValueError as error:
                raise UserError(f"'{source}', line {number + 1} is no JSON object ({error}); a line is one object") from error
    keys = list(dict.fromkeys(key for one in objects for key in one))
    body = [[_shown(one.get(key)) for key in keys] for one in objects]
    columns, notes = find_columns(keys, len(keys), body, options, str(source))
    sample = [row[columns["timestamp"]] for row in body] if "timestamp" in columns else []
    unit, note = timestamp_unit(columns, sample, keys, str(source))
    fields = {role: keys[column] for role, column in columns.items()}
    kinds = {role: _kind_of([one.get(key) for one in objects], role, pa) for role, key in fields.items()}
    what = ", ".join(f"{role} = {key}" for role, key in fields.items()) + (f" in {unit}" if unit in ("ms", "us", "ns") else "")
    first = [", ".join(_shown(one.get(key)) for key in fields.values()) for one in objects[:SHOWN_ROWS]]
    return ReadingPlan(
        source,
        lambda progress: json_batches(source, fields, kinds, encoding, progress),
        "; ".join([f"'{source}' (JSON lines, {encoding}): {what}", *notes, *note]),
        "first rows: " + "  |  ".join(first),
        unit,
        separator="\n",
        encoding=encoding,
    )


def _plan_parquet(source: Source, options: ReadingOptions) -> ReadingPlan:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with open(source.path, "rb") as content, pq.ParquetFile(content) as file:
            names = file.schema_arrow.names
            top = next(file.iter_batches(SHOWN_ROWS), None)
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(f"'{source}' cannot be read as Parquet ({reason}); mend the file") from error
    if top is None or not len(top):
        raise UserError(f"'{source}' has no ratings; at least one is needed")
    rows = (
        [[_shown(one[name]) for name in names] for one in top.to_pylist()]
        if len(set(names)) == len(names)
        else [[""] * len(names)]
    )
    columns, notes = find_columns(names, len(names), rows, options, str(source))
    for role, column in columns.items():
        kind = top.schema.field(column).type
        if pa.types.is_nested(kind.value_type if pa.types.is_dictionary(kind) else kind):
            raise UserError(
                f"'{source}': the column {short(names[column], NAME)}, the {role}, holds {short(kind, NAME)}; "
                "it holds numbers or text, so name another column (--columns)"
            )
    time = columns.get("timestamp")
    unit: str | None = None
    note: tuple[str, ...] = ()
    if time is not None and not pa.types.is_temporal(top.schema.field(time).type):
        unit, note = timestamp_unit(columns, [row[time] for row in rows], names, str(source))
    fields = {role: names[column] for role, column in columns.items()}
    what = ", ".join(f"{role} = {name}" for role, name in fields.items())
    first = [", ".join(row[column] for column in columns.values()) for row in rows]
    return ReadingPlan(
        source,
        lambda progress: parquet_batches(source, fields, progress),
        "; ".join([f"'{source}' (Parquet): {what}", *notes, *note]),
        "first rows: " + "  |  ".join(first),
        unit,
    )


def _kind_of(values: list[Any], role: str, pa: Any) -> Any:
    """The Arrow type of a JSON field, from its first values: ratings may be whole and have halves later."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int} and role != "rating":
        return pa.int64()
    return pa.float64() if kinds and kinds <= {int, float} else pa.string()


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
