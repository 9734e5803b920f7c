"""How the text of a file of ratings is laid out: its separator, its header and which column is what, found in its first lines."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from cfce.datasets.reading.names import REQUIRED, by_name, plain
from cfce.datasets.reading.options import ReadingOptions
from cfce.datasets.reading.times import time_unit
from cfce.errors import UserError

CANDIDATES = ("::", "\t", ";", "|", ",")
"""Separators that are looked for; blanks are, where none of them fits."""
WORDS = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars", "::": "'::'", " ": "blanks"}
PLACES = {"user": 0, "item": 1, "rating": 2, "timestamp": 3}
"""Where columns without usual names stand."""
WIDE_FROM = 8
"""Columns from which a table of numbers without known names is taken for a matrix."""


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
        raise UserError(
            f"'{where}', line {lines[odd] + 1}: {len(rows[odd])} fields came, but the lines before have {width}; "
            f"put a field that holds a separator between quotes, or name the separator (--separator)"
        )
    header = _has_header(rows, options, where) if options.header is None else options.header
    names = tuple(rows[0]) if header else None
    body = rows[1:] if header else rows
    if not body:
        raise UserError(f"'{where}' has no ratings below its header; at least one is needed")
    skip = lines[1] if header else lines[0]
    if options.wide:
        columns, items, notes = _wide_columns(names, body, options, where)
        return Layout(separator, skip, names, width, columns, None, notes, True, items)
    columns, notes = find_columns(names, width, body, options, where)
    unit, note = timestamp_unit(columns, [row[columns["timestamp"]] for row in body] if "timestamp" in columns else [], names)
    return Layout(separator, skip, names, width, columns, unit, notes + note)


def timestamp_unit(
    columns: dict[str, int], sample: Sequence[str], names: Sequence[str] | None
) -> tuple[str | None, tuple[str, ...]]:
    """The unit of the timestamps; where they cannot be read their column leaves ``columns``, and a note says so."""
    if "timestamp" not in columns:
        return None, ()
    times = [cell for cell in sample if time_unit([cell]) is not None]
    unit = time_unit(times)
    if unit is not None and 2 * len(times) >= len(sample):  # a few that are no times are wrong, and named when they are read
        return unit, ()
    column = columns.pop("timestamp")
    name = names[column].strip() if names else f"column {column + 1}"
    odd = next(cell.strip() for cell in sample if cell not in times)
    return None, (f"{name} is left out, since '{odd}' is no time that is read: seconds since 1970, or as 2024-05-31",)


def find_columns(
    names: Sequence[str] | None, width: int, body: Sequence[Sequence[str]], options: ReadingOptions, where: str
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Role to column: those that the options name, then those with usual names, then by place where that leaves no doubt."""
    asked = {
        role: column
        for role in ("user", "item", "rating", "timestamp", "part")
        if (column := getattr(options.columns, role)) is not None
    }
    found = {role: _asked_column(column, role, names, width, where) for role, column in asked.items() if column != "none"}
    usual = by_name(names, where, except_for=set(found)) if names else {}
    for role, column in usual.items():
        if role not in asked and column not in found.values():
            found[role] = column
    missing = [role for role in REQUIRED if role not in found]
    if len(set(found.values())) < len(found):
        raise UserError(f"'{where}': two of {', '.join(found)} are one column; name each (--columns user=A,item=B,rating=C)")
    if not missing:
        return found, ()
    left = [column for column in range(width) if column not in found.values()]
    if len(missing) == 1 and len(left) == 1 and missing[0] != "rating":
        return {**found, missing[0]: left[0]}, ()
    if width in (3, 4) and not asked and all(found[role] == PLACES.get(role) for role in found):
        return _by_place(names, width, body, where), ()
    if not found and _looks_wide(body, width):
        raise UserError(_wide_message(body, where, width))
    raise UserError(f"'{where}' has {_listed(names, width)}; say which {_are(missing)} (--columns {_example(missing, names)})")


def _by_name_safely(names: Sequence[str]) -> dict[str, int]:
    """The usual names among a header's, or nothing where two columns share one."""
    try:
        return by_name(names, "")
    except UserError:
        return {}


def _by_place(names: Sequence[str] | None, width: int, body: Sequence[Sequence[str]], where: str) -> dict[str, int]:
    """User, item, rating and timestamp in that order, where the third column holds numbers and the fourth holds times."""
    columns = {role: place for role, place in PLACES.items() if place < width}
    why = ""
    wrong = next((row[2] for row in body if not is_number(row[2])), None)
    if wrong is not None and not any(is_number(row[2]) for row in body):
        why = f"the third column holds '{wrong.strip()}', which is no rating"
    if width == 4 and time_unit([row[3] for row in body], likely=True) is None:
        why = f"the fourth column holds '{body[0][3].strip()}', which is no time"
    if not why and time_unit([row[2] for row in body], likely=True) is not None:
        why = f"the third column holds '{body[0][2].strip()}', which looks like a time"
    if why:
        raise UserError(
            f"'{where}' has {_listed(names, width)}, but {why}; say which are the user, the item and the rating "
            f"(--columns {_example(REQUIRED, names)})"
        )
    return columns


def _has_header(rows: Sequence[Sequence[str]], options: ReadingOptions, where: str) -> bool:
    """Whether the first row names columns: it has usual names, or a word above numbers alone."""
    first, body = rows[0], rows[1:]
    named = [column for column in vars(options.columns).values() if column and column != "none" and not column.isdecimal()]
    if named:
        return True
    if len(set(_by_name_safely(first)) & set(REQUIRED)) >= 2 or plain(first[0]) in ("userid", "reviewerid"):
        return True
    if any(is_number(cell) for cell in first[2:]) or not body:
        return False
    above = [
        column
        for column, cell in enumerate(first)
        if cell.strip() and not is_number(cell) and all(is_number(row[column]) or not row[column].strip() for row in body)
    ]
    return bool(above)


def _asked_column(column: str, role: str, names: Sequence[str] | None, width: int, where: str) -> int:
    """The number of a column that was asked for by its name, or by its number from 1."""
    if names is not None:
        for same in (lambda name: name == column, lambda name: plain(name) == plain(column)):
            places = [number for number, name in enumerate(names) if same(name.strip())]
            if len(places) == 1:
                return places[0]
    if column.isdecimal() and 1 <= int(column) <= width:
        return int(column) - 1
    raise UserError(
        f"'{where}' has no column '{column}' for the {role}; it has {_listed(names, width)}, and numbers count from 1"
    )


def _wide_columns(
    names: Sequence[str] | None, body: Sequence[Sequence[str]], options: ReadingOptions, where: str
) -> tuple[dict[str, int], tuple[int, ...], tuple[str, ...]]:
    """The column of users in a matrix, if any, and the columns of items."""
    width = len(body[0])
    asked = options.columns
    if asked.item or asked.rating or asked.timestamp or asked.part:
        raise UserError(f"'{where}' is read as a matrix, where only the user may be a column; name that alone (--columns user=A)")
    rest = list(range(width))
    if asked.user is not None and asked.user != "none":
        user = _asked_column(asked.user, "user", names, width, where)
        return {"user": user}, tuple(column for column in rest if column != user), ()
    if asked.user is None and _counts_its_row(body, options.none):
        note = f"{names[0].strip() if names else 'column 1'} counts the ratings of its line and is left out"
        return {}, tuple(rest[1:]), (note,)
    named = _by_name_safely(names).get("user") if names else None
    if asked.user is None and (named is not None or (names is not None and not names[0].strip()) or not is_number(body[0][0])):
        user = named or 0
        return {"user": user}, tuple(column for column in rest if column != user), ()
    return {}, tuple(rest), ()


def _counts_its_row(body: Sequence[Sequence[str]], none: str | None) -> bool:
    """Whether the first field of each row is the number of its other fields that are ratings, as in Jester."""
    for row in body:
        rated = sum(bool(cell.strip()) and not same_number(cell, none) for cell in row[1:])
        if not same_number(row[0], str(rated)):
            return False
    return True


def _looks_wide(body: Sequence[Sequence[str]], width: int) -> bool:
    cells = [cell for row in body for cell in row[1:]]
    return width >= WIDE_FROM and sum(is_number(cell) or not cell.strip() for cell in cells) >= 0.9 * len(cells)


def _wide_message(body: Sequence[Sequence[str]], where: str, width: int) -> str:
    cells = Counter(cell.strip() for row in body for cell in row[1:])
    common, times = cells.most_common(1)[0]
    share = times / sum(cells.values())
    message = f"'{where}' looks like a matrix: a line for each user and {width} columns of numbers; read it as one with --wide"
    if common and share > 0.1:
        return f"{message} --none {common}, if {common}, which fills {share:.0%} of it, means 'not rated'"
    return f"{message}, and --none VALUE if a value means 'not rated' (blank fields always do)"


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


def is_number(text: str) -> bool:
    """Whether a field holds a number.

    >>> is_number(" 3.5"), is_number("3,5"), is_number("good"), is_number("")
    (True, True, False, False)
    """
    try:
        float(text.replace(",", ".", 1))
    except ValueError:
        return False
    return True


def same_number(text: str, other: str | None) -> bool:
    """Whether two fields are the same text or the same number.

    >>> same_number("99.00", "99"), same_number("", None)
    (True, False)
    """
    if other is None:
        return False
    if text.strip() == other.strip():
        return True
    return is_number(text) and is_number(other) and float(text.replace(",", ".", 1)) == float(other.replace(",", ".", 1))


def _listed(names: Sequence[str] | None, width: int) -> str:
    if names is None:
        return f"{width} column{'s' * (width != 1)} and no header"
    shown = ", ".join(name.strip() or "(blank)" for name in names[:12])
    return f"the columns {shown}{', …' * (len(names) > 12)}"


def _are(missing: Sequence[str]) -> str:
    return f"is the {missing[0]}" if len(missing) == 1 else f"are the {', the '.join(missing[:-1])} and the {missing[-1]}"


def _example(missing: Sequence[str], names: Sequence[str] | None) -> str:
    return ",".join(f"{role}={'NAME' if names else number + 1}" for number, role in enumerate(missing))
