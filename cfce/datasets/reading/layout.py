"""How the text of a file of ratings is laid out: its separator, its header and which column is what, found in its first lines."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from cfce.datasets.reading.columns import find_columns, known_names, matrix_columns, timestamp_unit
from cfce.datasets.reading.names import REQUIRED, plain
from cfce.datasets.reading.numbers import is_number
from cfce.datasets.reading.options import ReadingOptions
from cfce.errors import UserError
from cfce.text import counted

CANDIDATES = ("::", "\t", ";", "|", ",")
"""Separators that are looked for; blanks are, where none of them fits."""
WORDS = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars", "::": "'::'", " ": "blanks"}


@dataclass(frozen=True)
class Layout:
    """What was found: the columns by role, and what is needed to read the lines."""

    separator: str
    skip: int
    """Lines before the first row: a header, comments, blank lines."""
    names: tuple[str, ...] | None
    """Of the columns; None without a header."""
    n_columns: int
    columns: dict[str, int]
    """Role to the number of its column, from 0; without items and ratings in a wide matrix."""
    time_unit: str | None = None
    notes: tuple[str, ...] = ()
    wide: bool = False
    items: tuple[int, ...] = field(default=(), repr=False)
    """The columns of a wide matrix that are items."""

    @property
    def quoted(self) -> bool:
        """Whether fields may stand between quotes."""
        return self.separator in (",", ";", "|", "\t")

    def name_of(self, column: int) -> str:
        """The name of a column, or its number from 1."""
        return self.names[column].strip() if self.names else f"column {column + 1}"


@dataclass(frozen=True)
class _Head:
    """The first lines, split."""

    rows: list[list[str]]
    lines: list[int]
    """The number of each row's first line, from 0."""


def find_layout(head: str, options: ReadingOptions, where: str) -> Layout:
    """The layout of text from its first lines.

    Raises ``UserError`` where two readings are possible, and names the flag that says which is right.
    """
    if not head.strip():
        raise UserError(f"'{where}' is empty; it needs lines of user, item and rating")
    if options.separator is not None:
        return _with_separator(head, options.separator, options, where)
    fitting: list[Layout] = []
    refusals: list[UserError] = []
    ragged: list[tuple[float, str]] = []
    for separator in CANDIDATES if not _blanks_alone(head) else (" ",):
        split = _split(head, separator)
        width, share = _usual_width(split.rows)
        if width < 2:
            continue
        if share < 1:
            ragged.append((share, separator))
            continue
        try:
            fitting.append(_with_separator(head, separator, options, where))
        except UserError as error:
            refusals.append(error)
    if not fitting and not refusals and not ragged:
        return _with_separator(head, " ", options, where)
    if len(fitting) > 1:
        words = " or ".join(WORDS[layout.separator] for layout in fitting)
        raise UserError(f"'{where}' may be separated by {words}; say which it is (--separator)")
    if fitting:
        return fitting[0]
    if refusals:
        raise refusals[0]
    return _with_separator(head, max(ragged)[1], options, where)


def _blanks_alone(head: str) -> bool:
    """Whether fields stand between runs of blanks: no other separator, or tabs that leave fields empty in every row."""
    if any(mark in head for mark in (";", "|", ",", "::")):
        return False
    rows = _split(head, "\t").rows
    width, share = _usual_width(rows)
    if width < 2:
        return True
    return share == 1 and any(all(not row[column].strip() for row in rows) for column in range(width))


def wrong_width(came: int, usual: int, shown: str = "") -> str:
    """What is wrong with a line of another number of fields than those before, and what to do; ``shown`` is its text.

    >>> wrong_width(1, 3)
    '1 field came, but the lines before have 3; complete the line, or remove it'
    """
    what = f" in '{shown}'" if shown else ""
    advice = "put a field that holds a separator between quotes, or name the separator (--separator)"
    advice = advice if came > usual else "complete the line, or remove it"
    return f"{counted(came, 'field')} came{what}, but the lines before have {usual}; {advice}"


def _with_separator(head: str, separator: str, options: ReadingOptions, where: str) -> Layout:
    split = _split(head, separator)
    rows, lines = split.rows, split.lines
    commented = 0
    while commented < len(rows) and rows[commented][0].lstrip()[:1] in ("#", "%"):
        commented += 1
    rows, lines = rows[commented:], lines[commented:]
    if not rows:
        raise UserError(f"'{where}' has no rows below its comments; it needs lines of user, item and rating")
    width = len(rows[0])
    odd = next((number for number, row in enumerate(rows) if len(row) != width), None)
    if odd is not None:
        raise UserError(f"'{where}', line {lines[odd] + 1}: {wrong_width(len(rows[odd]), width)}")
    header = _has_header(rows, options, where) if options.header is None else options.header
    names = tuple(rows[0]) if header else None
    body = rows[1:] if header else rows
    if not body:
        raise UserError(f"'{where}' has no ratings below its header; at least one is needed")
    skip = lines[1] if header else lines[0]
    if options.wide:
        columns, items, notes = matrix_columns(names, body, options, where)
        return Layout(separator, skip, names, width, columns, None, notes, True, items)
    columns, notes = find_columns(names, width, body, options, where)
    unit, note = timestamp_unit(columns, [row[columns["timestamp"]] for row in body] if "timestamp" in columns else [], names, where)
    return Layout(separator, skip, names, width, columns, unit, notes + note)


def _has_header(rows: Sequence[Sequence[str]], options: ReadingOptions, where: str) -> bool:
    """Whether the first row names columns: it has usual names, or a word above numbers alone."""
    first, body = rows[0], rows[1:]
    named = [column for column in vars(options.columns).values() if column and column != "none" and not column.isdecimal()]
    if named:
        return True
    if len(set(known_names(first)) & set(REQUIRED)) >= 2 or plain(first[0]) in ("userid", "reviewerid"):
        return True
    if any(is_number(cell) for cell in first[2:]) or not body:
        return False
    above = [
        column
        for column, cell in enumerate(first)
        if cell.strip() and not is_number(cell) and all(is_number(row[column]) or not row[column].strip() for row in body)
    ]
    return bool(above)


def _split(head: str, separator: str) -> _Head:
    """The rows that are not blank, and the line on which each starts."""
    rows, lines = [], []
    if separator in ("::", " "):
        for number, line in enumerate(head.splitlines()):
            if line.strip():
                rows.append(line.split() if separator == " " else line.split("::"))
                lines.append(number)
        return _Head(rows, lines)
    reader, start = csv.reader(head.splitlines(keepends=True), delimiter=separator), 0
    try:
        for row in reader:
            if row and (len(row) > 1 or row[0].strip()):
                rows.append(row)
                lines.append(start)
            start = reader.line_num
    except csv.Error:
        return _Head([], [])
    return _Head(rows, lines)


def _usual_width(rows: Sequence[Sequence[str]]) -> tuple[int, float]:
    """The most frequent number of fields, and the share of rows that have it."""
    rows = [row for row in rows if row[0].lstrip()[:1] not in ("#", "%")]
    if not rows:
        return 0, 0.0
    width, times = Counter(len(row) for row in rows).most_common(1)[0]
    return width, times / len(rows)
