"""Timestamps as files write them, in seconds since 1970."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
"""Unit to its parts of a second."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?( ?(Z|UTC|[+-]\d\d:?\d\d))?)?")


def time_unit(sample: Sequence[str], likely: bool = False) -> str | None:
    """The unit of timestamps: a key of ``UNITS``, or ``'iso'`` for dates such as 2024-05-31 12:00; None for anything else.

    ``likely`` asks for what can hardly be anything but a time: numbers of nine digits or more, or dates.

    >>> time_unit(["881250949"]), time_unit(["1588687728923"]), time_unit(["2011-05-15 08:00:00"]), time_unit(["May 3"])
    ('s', 'ms', 'iso', None)
    """
    cells = [cell.strip() for cell in sample if cell.strip()]
    if not cells:
        return None
    if all(_ISO.fullmatch(cell) for cell in cells):
        return "iso"
    try:
        middle = float(np.median([float(cell) for cell in cells]))
    except ValueError:
        return None
    if not np.isfinite(middle) or (likely and middle < 1e8):
        return None
    return next((unit for unit, below in (("s", 1e11), ("ms", 1e14), ("us", 1e17)) if abs(middle) < below), "ns")


def seconds_of(column: Any, unit: str) -> NDArray[np.int64]:
    """An Arrow column of text, numbers or times as seconds since 1970, (N,), rounded down.

    Raises ``pyarrow.ArrowInvalid`` or ``ValueError`` for a value that is none.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if column.null_count:
        raise ValueError("a timestamp is blank")
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _floor(column.cast(pa.timestamp("us", getattr(kind, "tz", None))).cast(pa.int64()), "us")
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if unit == "iso":
        column = pc.utf8_trim_whitespace(column)
        try:
            times = column.cast(pa.timestamp("us"))
        except pa.ArrowInvalid:
            column = pc.replace_substring_regex(column, " ?(UTC)$", "Z")
            times = column.cast(pa.timestamp("us", "UTC"))
        return _floor(times.cast(pa.int64()), "us")
    try:
        return _floor((pc.utf8_trim_whitespace(column) if text else column).cast(pa.int64()), unit)
    except pa.ArrowInvalid:
        numbers = (pc.utf8_trim_whitespace(column) if text else column).cast(pa.float64()).to_numpy(zero_copy_only=False)
        if not np.isfinite(numbers).all():
            raise ValueError("a timestamp is not finite") from None
        return np.asarray(np.floor(numbers / UNITS[unit]), dtype=np.int64)


def _floor(column: Any, unit: str) -> NDArray[np.int64]:
    numbers = column.to_numpy(zero_copy_only=False)
    return np.asarray(numbers // UNITS[unit] if unit != "s" else numbers, dtype=np.int64)
