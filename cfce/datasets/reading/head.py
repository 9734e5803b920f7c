"""The first lines of a text as rows of fields: its quotes as quotes or as text, its comments and its header apart."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cfce.datasets.reading.columns import known_names
from cfce.datasets.reading.lines import lines_of
from cfce.datasets.reading.names import REQUIRED, plain
from cfce.datasets.reading.numbers import is_number
from cfce.datasets.reading.options import ReadingOptions
from cfce.datasets.reading.quotes import left_open, quotes_are_text

QUOTING = (",", ";", "|", "\t")
"""Separators whose fields may stand between quotes."""
SIGNS = ("#", "%")
"""What comments begin with; ids may as well."""

Row = Sequence[str]


@dataclass(frozen=True)
class Head:
    """The first lines, split."""

    rows: list[list[str]]
    lines: list[int]
    """The number of each row's first line, from 0."""
    quoted: bool
    """Whether quotes at the ends of a field are not part of it."""


@dataclass(frozen=True)
class Parts:
    """Where the rows of a head end to be comments, and begin to be ratings."""

    comments: int
    names: tuple[str, ...] | None
    """Of the columns; None without a header."""
    body: int
    """The first row of ratings."""


def split_head(head: str, separator: str) -> Head:
    """The whole rows that are not blank, and the line on which each starts."""
    lines = lines_of(head)
    told = [line for line in lines if line.strip() and not line.lstrip().startswith(SIGNS)]
    if separator not in QUOTING or quotes_are_text(told, separator):
        split = [(_fields(line, separator), number) for number, line in enumerate(lines)]
        split = [(row, number) for row, number in split if _is_row(row)]
        return Head([row for row, _ in split], [number for _, number in split], False)
    found = Head([], [], True)
    reader, start = csv.reader(lines, delimiter=separator), 0
    try:
        for row in reader:
            if _is_row(row):
                found.rows.append(row)
                found.lines.append(start)
            start = reader.line_num
    except csv.Error:
        return Head([], [], True)
    if len(found.rows) > 1 and left_open("".join(lines[found.lines[-1] :]), separator):  # the head ends in the midst of it
        del found.rows[-1], found.lines[-1]
    return found


def part_head(rows: Sequence[Row], separator: str, options: ReadingOptions) -> Parts:
    """Tell comments, the header and ratings apart.

    Leading rows that begin with one of ``SIGNS`` are comments; but where such a row has as many fields as the rows below, it is
    a header if it names user, item and rating and nothing else does, and a rating if ids of rows below begin with a sign too.
    """
    if not rows:
        return Parts(0, None, 0)
    signed = next((number for number, row in enumerate(rows) if not _is_signed(row)), len(rows))
    below = rows[signed:]
    if not signed or (below and options.header is not False and names_columns(below, options)):
        named = any(_named_columns(options)) or names_columns(below, options)
        header = bool(below) and (named if options.header is None else options.header)
        return Parts(signed, tuple(below[0]) if header else None, signed + header)
    width, _ = usual_width(rows)
    body = signed
    place = _signed_header(rows[:signed], width, separator, options)
    if not below or any(_is_signed(row) for row in below):
        first = 0 if place is None else place + 1
        while body > first and len(rows[body - 1]) == width and _begins_an_id(rows[body - 1]):
            body -= 1
    if place is not None:
        return Parts(body - 1, tuple(_without_sign(rows[place], separator)), body)
    if body < len(rows) and (options.header or (options.header is None and any(_named_columns(options)))):
        return Parts(body, tuple(rows[body]), body + 1)
    return Parts(body, None, body)


def names_columns(rows: Sequence[Row], options: ReadingOptions) -> bool:
    """Whether the first row names columns: it has asked for or usual names, or a word above numbers alone."""
    first, body = rows[0], rows[1:]
    if {plain(name) for name in _named_columns(options)} & {plain(cell) for cell in first}:
        return True
    if len(set(known_names(first)) & set(REQUIRED)) >= 2 or plain(first[0]) in ("userid", "reviewerid"):
        return True
    if any(is_number(cell) for cell in first[2:]) or not body:
        return False
    above = [
        column
        for column, cell in enumerate(first)
        if cell.strip()
        and not is_number(cell)
        and all(is_number(row[column]) or not row[column].strip() for row in body if column < len(row))
    ]
    return bool(above)


def _signed_header(rows: Sequence[Row], width: int, separator: str, options: ReadingOptions) -> int | None:
    """The last of some rows that begin with a sign that is a header."""
    if options.header is False:
        return None
    names = [_without_sign(row, separator) for row in rows]
    return next((at for at in reversed(range(len(rows))) if len(names[at]) == width and _names_all(names[at], options)), None)


def _names_all(row: Row, options: ReadingOptions) -> bool:
    """Whether a row names user, item and rating, or a column that was asked for: a comment may hold one of these words."""
    asked = {plain(name) for name in _named_columns(options)} & {plain(cell) for cell in row}
    return bool(asked) or set(REQUIRED) <= set(known_names(row))


def usual_width(rows: Sequence[Row]) -> tuple[int, float]:
    """The most frequent number of fields, and the share of rows that have it; comments do not count."""
    rows = without_comments(rows)
    if not rows:
        return 0, 0.0
    width, times = Counter(len(row) for row in rows).most_common(1)[0]
    return width, times / len(rows)


def without_comments(rows: Sequence[Row]) -> list[Row]:
    """The rows that begin with no sign; where all do, those whose sign begins an id."""
    return [row for row in rows if not _is_signed(row)] or [row for row in rows if _begins_an_id(row)]


def _named_columns(options: ReadingOptions) -> list[str]:
    return [column for column in vars(options.columns).values() if column and column != "none" and not column.isdecimal()]


def _fields(line: str, separator: str) -> list[str]:
    return re.split(r"[ \t]+", line.strip(" \t\r\n")) if separator == " " else line.rstrip("\r\n").split(separator)


def _is_row(row: Row) -> bool:
    return len(row) > 1 or bool(row and row[0].strip())


def _is_signed(row: Row) -> bool:
    return row[0].lstrip().startswith(SIGNS)


def _begins_an_id(row: Row) -> bool:
    return row[0].lstrip()[1:2].strip() != ""


def _without_sign(row: Row, separator: str) -> list[str]:
    first = row[0].lstrip("#% \t")
    return list(row[1:]) if not first and separator == " " else [first, *row[1:]]
