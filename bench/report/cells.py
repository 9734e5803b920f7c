"""Numbers in the cells of a heatmap: the largest size, and the longest form, in which all of them fit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIZES = (10.0, 9.0, 8.0)
"""Of the letters, in points, the best first."""
EMS = {".": 0.32, ",": 0.32, " ": 0.32, "%": 0.95, "<": 0.84, "M": 0.86}
DIGIT = 0.64
"""Widths of letters of DejaVu Sans, in their size; a digit's for all others."""
FILLED = 0.92
"""How much of a cell's width a number may take."""


@dataclass(frozen=True, eq=False)
class Cells:
    """What stands in the cells of a heatmap."""

    texts: NDArray[np.str_]
    """As the values, (K, K); empty where there is none."""
    size: float
    """Of the letters, in points."""
    form: int
    """Which of the forms it is, from 0."""


def fitted(
    values: NDArray[np.float64], room: float, forms: Sequence[Callable[[float], str]], greatest: float | None = None
) -> Cells:
    """The first form that fits cells ``room`` points wide, at the largest size; the last one at the smallest where none does.

    ``greatest`` is a value that fits too, so that heatmaps that may hold it look alike.

    >>> fitted(np.array([[5.0, 100.0]]), 23.0, (percent, "{:.0f}".format)).texts.tolist()
    [['5', '100']]
    """
    for number, form in enumerate(forms):
        texts = np.array([["" if np.isnan(one) else form(one) for one in row] for row in values])
        widest = max(map(width, [*texts.ravel(), *([] if greatest is None else [form(greatest)])]))
        for size in SIZES:
            if size * widest <= FILLED * room:
                return Cells(texts, size, number)
    return Cells(texts, SIZES[-1], len(forms) - 1)


def width(text: str) -> float:
    """How wide a text is, in the size of its letters.

    >>> round(width("100 %"), 2)
    3.19
    """
    return sum(EMS.get(letter, DIGIT) for letter in text)


def percent(value: float) -> str:
    """A whole percentage with its sign.

    >>> percent(13.4)
    '13 %'
    """
    return f"{value:.0f} %"


def count(value: float) -> str:
    """A count, or a mean of counts: to one decimal below 1, so that what was seen at times is not 0.

    >>> count(0.0), count(0.01), count(0.5), count(1.5), count(12345.0)
    ('0', '<0.1', '0.5', '2', '12,345')
    """
    if 0 < value < 1:
        return f"{value:.1f}" if value >= 0.05 else "<0.1"
    return f"{value:,.0f}"


def in_thousands(value: float) -> str:
    """A count, in thousands (k) or millions (M) from 1,000 on, to two digits or more.

    >>> in_thousands(999.0), in_thousands(1234.0), in_thousands(12345.0), in_thousands(9_960_000.0)
    ('999', '1.2k', '12k', '10M')
    """
    for unit, letter in ((1e6, "M"), (1e3, "k")):
        if round(value) >= unit:
            share = value / unit
            return f"{share:.1f}{letter}" if share < 9.95 else f"{share:.0f}{letter}"
    return count(value)
