"""Matrices of ratings: a line for each user, a column for each item."""

import math
from collections import Counter
from collections.abc import Sequence

from cfce.datasets.reading.numbers import is_number, number_in, same_number

WIDE_FROM = 8
"""Columns from which a table of numbers without known names is taken for a matrix."""


def counts_its_row(body: Sequence[Sequence[str]], none: str | None) -> bool:
    """Whether the first field of each row is the number of its other fields that are ratings, as in Jester."""
    for row in body:
        rated = sum(not is_unrated(cell, none) for cell in row[1:])
        if not same_number(row[0], str(rated)):
            return False
    return True


def is_unrated(cell: str, none: str | None) -> bool:
    """Whether a cell means 'not rated': it is blank, ``none``, or a number that is not finite.

    >>> [cell for cell in ("", "99", "NaN", "-inf", "4", "good") if is_unrated(cell, "99.0")]
    ['', '99', 'NaN', '-inf']
    """
    if not cell.strip() or same_number(cell, none):
        return True
    number = number_in(cell, decimal_comma=True)
    return number is not None and not math.isfinite(number)


def looks_like_a_matrix(body: Sequence[Sequence[str]], width: int) -> bool:
    """Whether rows are so many numbers, or blanks, behind their first field that they can hardly be anything else."""
    cells = [cell for row in body for cell in row[1:]]
    return width >= WIDE_FROM and sum(is_number(cell) or not cell.strip() for cell in cells) >= 0.9 * len(cells)


def matrix_message(body: Sequence[Sequence[str]], where: str, width: int) -> str:
    """What is said of a file that looks like a matrix: the flag that reads it, and the value that may mean 'not rated'."""
    cells = Counter("" if is_unrated(cell, None) else cell.strip() for row in body for cell in row[1:])
    common, times = cells.most_common(1)[0]
    share = times / sum(cells.values())
    message = f"'{where}' looks like a matrix: a line for each user and {width} columns of numbers; read it as one with --wide"
    if common and share > 0.1:
        return f"{message} --none {common}, if {common}, which fills {share:.0%} of it, means 'not rated'"
    return f"{message}, and --none VALUE if a value means 'not rated' (blank fields and NaN always do)"
