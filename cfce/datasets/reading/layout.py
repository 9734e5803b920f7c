"""How the text of a file of ratings is laid out: its separator, its header and which column is what, found in its first lines."""

from dataclasses import dataclass, field

from cfce.datasets.reading.columns import find_columns, matrix_columns, timestamp_unit
from cfce.datasets.reading.head import part_head, split_head, usual_width, without_comments
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
    quoted: bool
    """Whether fields may stand between quotes."""
    columns: dict[str, int]
    """Role to the number of its column, from 0; without items and ratings in a wide matrix."""
    time_unit: str | None = None
    notes: tuple[str, ...] = ()
    wide: bool = False
    items: tuple[int, ...] = field(default=(), repr=False)
    """The columns of a wide matrix that are items."""

    def name_of(self, column: int) -> str:
        """The name of a column, or its number from 1."""
        return self.names[column].strip() if self.names else f"column {column + 1}"


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
        width, share = usual_width(split_head(head, separator).rows)
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
    rows = without_comments(split_head(head, "\t").rows)
    width, share = usual_width(rows)
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
    split = split_head(head, separator)
    parts = part_head(split.rows, separator, options)
    names, body = parts.names, split.rows[parts.body :]
    if not body and names is None:
        raise UserError(f"'{where}' has no rows below its comments; it needs lines of user, item and rating")
    width = len(names or body[0])
    odd = next((number for number, row in enumerate(body) if len(row) != width), None)
    if odd is not None:
        raise UserError(f"'{where}', line {split.lines[parts.body + odd] + 1}: {wrong_width(len(body[odd]), width)}")
    if not body:
        raise UserError(f"'{where}' has no ratings below its header; at least one is needed")
    skip = split.lines[parts.body]
    said = _said_of(parts.comments)
    if options.wide:
        columns, items, notes = matrix_columns(names, body, options, where)
        return Layout(separator, skip, names, width, split.quoted, columns, None, said + notes, True, items)
    columns, notes = find_columns(names, width, body, options, where)
    unit, note = timestamp_unit(
        columns, [row[columns["timestamp"]] for row in body] if "timestamp" in columns else [], names, where
    )
    return Layout(separator, skip, names, width, split.quoted, columns, unit, said + notes + note)


def _said_of(comments: int) -> tuple[str, ...]:
    if not comments:
        return ()
    return (f"{counted(comments, 'line')} left out as {'a comment' if comments == 1 else 'comments'}, behind # or %",)
