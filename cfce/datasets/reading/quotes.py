"""Quotes of text with separators: whether they enclose fields or are letters of them, and those between which rows are lost."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

SHOWN = 60
"""Letters that are shown of what begins with a quote."""

ADVICE = "remove quotes that open fields and do not close them, or double those that belong to them"
_CLOSED = re.compile(r'"(?:[^"]|"")*+"')


def quotes_are_text(lines: Sequence[str], separator: str) -> bool:
    """Whether quotes are letters like others: one opens a field and is not closed on its line, where no line is short of fields.

    A field that goes on in the next line would leave its first line with fewer fields than others, and its last line too.
    """
    widths = {line.count(separator) for line in lines}
    return len(widths) == 1 and any(left_open(line, separator) for line in lines if '"' in line)


def rows_in_a_field(column: Any, before: int, after: int, separator: str) -> tuple[int, str] | None:
    """The first row of a column of codes whose field holds the end of one row and the beginning of another, and why it is wrong.

    ``before`` and ``after`` are how many columns stand beside it: a field with line breaks of its own has other numbers of
    separators in its first and last line.
    """
    import pyarrow.compute as pc

    broken = pc.match_substring_regex(column.dictionary, "[\r\n]").to_numpy(zero_copy_only=False)
    for place in np.flatnonzero(broken).tolist():
        first, *_, last = re.split("\r\n|\r|\n", column.dictionary[place].as_py())
        if (first.count(separator), last.count(separator)) == (after, before):
            row = int(np.flatnonzero(column.indices.to_numpy(zero_copy_only=False) == place)[0])
            return row, f"""rows before it stand in one field, from '"{first.split(separator)[0][:SHOWN]}' on; {ADVICE}"""
    return None


def row_left_open(block: bytes, n_columns: int) -> tuple[int, str] | None:
    """The line of a block, from 0, that a quote leaves open though it and the next have all their tabs, and why that is wrong.

    Columns that are not read may hold whole rows as well. Only tabs tell: a line of a review that has as many commas as the file
    has is nothing rare.
    """
    for quote in _opening_last(block):
        start, (line, _, rest) = block.rfind(b"\n", 0, quote) + 1, block[quote:].partition(b"\n")
        following = rest.partition(b"\n")[0]
        if block.count(b"\t", start, quote) + line.count(b"\t") == following.count(b"\t") == n_columns - 1:
            shown = line.split(b"\t")[0][1 : SHOWN + 1].decode(errors="replace")
            reason = f"the quote before '{shown}' is not closed on its line, and a row follows; {ADVICE}"
            return block.count(b"\n", 0, start), reason
    return None


def _opening_last(block: bytes) -> list[int]:
    r"""The places of the quotes that open a field and are the last of their line.

    >>> _opening_last(b'1\t"a"\n2\t"b\n"c\t3')
    [8, 11]
    """
    data = np.frombuffer(block, dtype=np.uint8)
    quotes = np.flatnonzero(data == ord('"'))
    line = np.searchsorted(np.flatnonzero(data == ord("\n")), quotes)
    last = quotes[np.append(line[1:] != line[:-1], True)] if quotes.size else quotes
    found: list[int] = last[(last == 0) | np.isin(data[last - 1], [ord("\t"), ord("\n")])].tolist()
    return found


def left_open(line: str, separator: str) -> bool:
    """Whether a quote at the start of a field is not closed on its line, or in the lines of its row.

    >>> left_open('1,"Heroes,5', ","), left_open('1,"Casablanca, The",5', ","), left_open('1,5" tape,5', ",")
    (True, False, False)
    """
    place = 0
    while True:
        if line.startswith('"', place):
            closed = _CLOSED.match(line, place)
            if closed is None:
                return True
            place = closed.end()
        place = line.find(separator, place) + 1
        if not place:
            return False
