"""Which column of a table of ratings is what: by the options, by its name, or by its place where that leaves no doubt."""

from collections.abc import Sequence

from cfce.datasets.reading.matrices import counts_its_row, looks_like_a_matrix, matrix_message
from cfce.datasets.reading.names import REQUIRED, by_name, plain
from cfce.datasets.reading.numbers import is_number
from cfce.datasets.reading.options import ReadingOptions
from cfce.datasets.reading.times import time_unit
from cfce.errors import UserError

PLACES = {"user": 0, "item": 1, "rating": 2, "timestamp": 3}
"""Where columns without usual names stand."""


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
    if not found and looks_like_a_matrix(body, width):
        raise UserError(matrix_message(body, where, width))
    raise UserError(f"'{where}' has {_listed(names, width)}; say which {_are(missing)} (--columns {_example(missing, names)})")


def matrix_columns(
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
    if asked.user is None and counts_its_row(body, options.none):
        note = f"{names[0].strip() if names else 'column 1'} counts the ratings of its line and is left out"
        return {}, tuple(rest[1:]), (note,)
    named = known_names(names).get("user") if names else None
    if asked.user is None and (named is not None or (names is not None and not names[0].strip()) or not is_number(body[0][0])):
        user = named or 0
        return {"user": user}, tuple(column for column in rest if column != user), ()
    return {}, tuple(rest), ()


def timestamp_unit(
    columns: dict[str, int], sample: Sequence[str], names: Sequence[str] | None, where: str
) -> tuple[str | None, tuple[str, ...]]:
    """The unit of the timestamps; where they cannot be read their column leaves ``columns``, and a note says so.

    Raises ``UserError`` where some are dates and some are numbers.
    """
    if "timestamp" not in columns:
        return None, ()
    times = [cell for cell in sample if time_unit([cell]) is not None]
    unit = time_unit(times)
    if unit is not None and 2 * len(times) >= len(sample):  # a few that are no times are wrong, and named when they are read
        return unit, ()
    column = columns.pop("timestamp")
    name = names[column].strip() if names else f"column {column + 1}"
    if times and unit is None:
        date = next(cell.strip() for cell in times if time_unit([cell]) == "iso")
        number = next(cell.strip() for cell in times if time_unit([cell]) != "iso")
        raise UserError(
            f"'{where}': {name}, the timestamp, mixes dates and numbers, such as '{date}' and '{number}'; "
            "write all of them in one way, or leave times out (--columns timestamp=none)"
        )
    odd = next(cell.strip() for cell in sample if cell not in times)
    return None, (f"{name} is left out, since '{odd}' is no time that is read: seconds since 1970, or as 2024-05-31",)


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


def known_names(names: Sequence[str]) -> dict[str, int]:
    """The usual names among a header's, or nothing where two columns share one."""
    try:
        return by_name(names, "")
    except UserError:
        return {}


def _listed(names: Sequence[str] | None, width: int) -> str:
    if names is None:
        return f"{width} column{'s' * (width != 1)} and no header"
    shown = ", ".join(name.strip() or "(blank)" for name in names[:12])
    return f"the columns {shown}{', …' * (len(names) > 12)}"


def _are(missing: Sequence[str]) -> str:
    return f"is the {missing[0]}" if len(missing) == 1 else f"are the {', the '.join(missing[:-1])} and the {missing[-1]}"


def _example(missing: Sequence[str], names: Sequence[str] | None) -> str:
    return ",".join(f"{role}={'NAME' if names else number + 1}" for number, role in enumerate(missing))
