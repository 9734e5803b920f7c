"""Ids as codes while they arrive, and in their order at the end: each id is kept once."""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WHOLE = re.compile(r"\s*(-?(?:[1-9]\d{0,17}|0))(?:\.0+)?\s*")


class Vocabulary:
    """The ids of one column, each with a code in the order in which it first occurred."""

    def __init__(self) -> None:
        self._codes: dict[Any, int] = {}

    def __len__(self) -> int:
        return len(self._codes)

    def add(self, column: Any) -> tuple[NDArray[np.int32], int | None]:
        """The codes from 0 of an Arrow column, (N,), and the row of its first blank value, or None."""
        distinct, index = distinct_values(column)
        values = [plain_id(value) for value in distinct]
        used = np.bincount(index[index >= 0], minlength=len(values)) > 0  # a dictionary may have values that no row has
        codes = self._codes
        code_of = np.zeros(len(values) + 1, dtype=np.int32)
        code_of[:-1][used] = [codes.setdefault(values[place], len(codes)) for place in np.flatnonzero(used).tolist()]
        blank = np.array([is_blank(value) for value in values] + [True])  # the last stands for null
        wrong = np.flatnonzero(blank[index]) if column.null_count or blank[:-1].any() else np.empty(0)
        return code_of[index], int(wrong[0]) if wrong.size else None

    def in_order(self) -> tuple[NDArray[np.int32], NDArray[Any]]:
        """The final code, from 1, of each code, (n,), and the ids in order, of which some may have become one.

        Ids that are all whole numbers, as text or as floats, become ints; leading zeros keep ids text.
        """
        values = whole_numbers(list(self._codes))
        if isinstance(values, np.ndarray):
            ids, place = np.unique(values, return_inverse=True)
            return (place + 1).astype(np.int32), ids
        if any(isinstance(value, float) for value in values):  # some are whole and some are not: text tells them apart anywhere
            values = [str(int(value)) if value.is_integer() else repr(value) for value in map(float, values)]
        texts = np.empty(len(values), dtype=object)
        texts[:] = [value if isinstance(value, str) else str(value) for value in values]
        order = np.argsort(texts, kind="stable")
        final = np.empty(len(order), dtype=np.int32)
        final[order] = np.arange(1, len(order) + 1, dtype=np.int32)
        return final, texts[order]


def distinct_values(column: Any) -> tuple[list[Any], NDArray[np.int64]]:
    """The distinct values of an Arrow column, and which of them each row has, (N,); -1 where a row has none."""
    encoded = column if hasattr(column, "dictionary") else column.dictionary_encode()
    index = encoded.indices.cast("int64").fill_null(-1)  # a file may have unsigned ones
    return encoded.dictionary.to_pylist(), index.to_numpy(zero_copy_only=False)


def plain_id(value: Any) -> Any:
    """A value as Python's int, float or text; bytes are decoded, or written in hexadecimal where they are no UTF-8."""
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return f"0x{value.hex()}"
    if isinstance(value, bool):
        return str(value)
    return value


def is_blank(value: Any) -> bool:
    """Whether a value is no id: None, NaN or nothing but blanks."""
    return value is None or value != value or (isinstance(value, str) and not value.strip())


def whole_numbers(values: list[Any]) -> list[Any] | NDArray[np.int64]:
    """The values as int64 where all are whole numbers, or unchanged.

    >>> whole_numbers(["29.0", "7"]), whole_numbers(["007", "7"]), whole_numbers([29.0, 7])
    (array([29,  7]), ['007', '7'], array([29,  7]))
    """
    numbers = np.empty(len(values), dtype=np.int64)
    for place, value in enumerate(values):
        if isinstance(value, str):
            found = _WHOLE.fullmatch(value)
            if found is None or found[1] == "-0":
                return values
            numbers[place] = int(found[1])
        elif isinstance(value, float):
            if not value.is_integer() or abs(value) >= 2**53:
                return values
            numbers[place] = int(value)
        elif isinstance(value, int) and -(2**63) <= value < 2**63:
            numbers[place] = value
        else:
            return values
    return numbers
