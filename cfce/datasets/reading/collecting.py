"""Batches of rows into columns on disk: codes, ratings and times, and beside them each distinct id and rating once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from cfce.datasets.reading.batches import Batch, WrongRow
from cfce.datasets.reading.numbers import number_in, same_number
from cfce.datasets.reading.times import seconds_of
from cfce.datasets.reading.vocabulary import Vocabulary, distinct_values, is_blank
from cfce.errors import UserError

MOST_DISTINCT = 100_000
"""Distinct ratings that are counted; more have no scale and are binned in any case."""
KINDS = {"user": "<i4", "item": "<i4", "rating": "<f8", "timestamp": "<i8", "part": "|u1"}
PARTS = {"train": 0, "valid": 1, "validation": 1, "test": 2}


@dataclass
class Collected:
    """The rows of a file as raw columns in a folder; user and item are codes of their vocabularies, from 0."""

    folder: Path
    n: int = 0
    dropped: int = 0
    """Rows without a rating, by the value that means so."""
    not_finite: int = 0
    """Cells of a matrix without a rating, as they hold NaN or an infinity."""
    user: Vocabulary = field(default_factory=Vocabulary)
    item: Vocabulary = field(default_factory=Vocabulary)
    counts: Counter[float] | None = field(default_factory=Counter)
    """Rating to how often it occurs; None where there are too many."""
    columns: tuple[str, ...] = ()

    def column(self, name: str, mode: str = "r") -> NDArray[Any]:
        """A column as a memory map, (N,)."""
        return np.memmap(self.folder / name, dtype=KINDS[name], mode=mode)  # type: ignore[call-overload, no-any-return]


def collect(batches: Iterable[Batch], folder: Path, time_unit: str | None, none: str | None, decimal_comma: bool) -> Collected:
    """Write the rows of ``batches`` into ``folder``; memory holds one batch and the distinct ids.

    Raises ``WrongRow`` for a blank value, a rating that is no finite number, a time that is none, or an unknown part.
    """
    found = Collected(folder)
    files: dict[str, IO[bytes]] = {}
    row = 0
    try:
        for batch in batches:
            if not files:
                found.columns = tuple(name for name in KINDS if name in batch.columns)
                files = {name: open(folder / name, "wb") for name in found.columns}  # noqa: SIM115 - closed below
            try:
                columns = _coded(found, batch, row, time_unit, none, decimal_comma)
            except WrongRow as wrong:
                raise wrong if batch.rows is None else WrongRow(int(batch.rows[wrong.row - row]), wrong.reason) from None
            for name, file in files.items():
                file.write(np.ascontiguousarray(columns[name], dtype=KINDS[name]).data)
            found.n += len(columns["rating"])
            found.dropped += len(batch) - len(columns["rating"])
            found.not_finite += batch.not_finite
            row += len(batch)
    finally:
        for file in files.values():
            file.close()
    return found


def _coded(
    found: Collected, batch: Batch, row: int, time_unit: str | None, none: str | None, decimal_comma: bool
) -> dict[str, NDArray[Any]]:
    """The columns of a batch as numbers, of the rows that are kept."""
    import pyarrow as pa

    wrong: list[tuple[int, str]] = []
    values, keep = _ratings(batch.columns["rating"], row, found, none, decimal_comma, wrong)
    kept, row_of = batch.columns, np.arange(len(batch))
    if keep is not None:
        kept = {role: column.filter(pa.array(keep)) for role, column in batch.columns.items()}
        values, row_of = values[keep], np.flatnonzero(keep)
    columns: dict[str, NDArray[Any]] = {"rating": values}
    for role, vocabulary in (("user", found.user), ("item", found.item)):
        columns[role], blank = vocabulary.add(kept[role])
        if blank is not None:
            wrong.append((int(row_of[blank]), f"the {role} is blank; every rating needs a user, an item and a rating"))
    if wrong:
        at, reason = min(wrong, key=lambda one: one[0])
        raise WrongRow(row + at, reason)
    try:
        if "timestamp" in kept:
            columns["timestamp"] = _times(kept["timestamp"], time_unit or "s")
        if "part" in kept:
            columns["part"] = _parts(kept["part"])
    except WrongRow as one:
        raise WrongRow(row + int(row_of[one.row]), one.reason) from None
    return columns


def _ratings(
    column: Any, row: int, found: Collected, none: str | None, decimal_comma: bool, wrong: list[tuple[int, str]]
) -> tuple[NDArray[np.float64], NDArray[np.bool_] | None]:
    """Ratings as numbers, (N,), and which of them are ratings, counted."""
    import pyarrow as pa

    narrow = pa.types.is_float32(column.type) or pa.types.is_float16(column.type)
    values, index = distinct_values(column)
    numbers, kept = np.full(len(values) + 1, np.nan), np.ones(len(values) + 1, dtype=bool)
    reasons = {len(values): "the rating is blank; every rating needs a user, an item and a rating"}
    for place, value in enumerate(values):
        if none is not None and same_number(str(value), none):
            kept[place] = False
            continue
        number = _number(value, narrow, decimal_comma)
        if number is not None:
            numbers[place] = number
        elif is_blank(value):
            reasons[place] = reasons[len(values)]
        else:
            reasons[place] = f"rating '{value}' is not a number; a rating is a finite number"
    bad = np.isnan(numbers) & kept
    if bad[:-1].any() or column.null_count:
        rows = np.flatnonzero(bad[index])
        if rows.size:
            wrong.append((int(rows[0]), reasons[int(index[rows[0]]) % (len(values) + 1)]))
    if found.counts is not None:
        times = np.bincount(index[index >= 0], minlength=len(values))
        for place in np.flatnonzero((times > 0) & kept[:-1] & ~np.isnan(numbers[:-1])).tolist():
            found.counts[float(numbers[place])] += int(times[place])
        if len(found.counts) > MOST_DISTINCT:
            found.counts = None
    return numbers[index], None if kept.all() else kept[index]


def _number(value: Any, narrow: bool, decimal_comma: bool) -> float | None:
    """A rating as a finite number, or None; float32 becomes the decimal that it stands for."""
    try:
        if isinstance(value, str):
            number = number_in(value, decimal_comma)
        else:
            number = float(str(np.float32(value))) if narrow and value is not None else float(value)
    except (TypeError, ValueError):
        return None
    return number if number is not None and np.isfinite(number) else None


def _times(column: Any, unit: str) -> NDArray[np.int64]:
    import pyarrow as pa

    try:
        return seconds_of(column, unit)
    except (ValueError, OverflowError, pa.ArrowException):
        for at in range(len(column)):  # slow, and only once: the row is named and reading ends
            try:
                seconds_of(column.slice(at, 1), unit)
            except (ValueError, OverflowError, pa.ArrowException):
                shown = column[at].as_py()
                what = "blank" if is_blank(shown) else f"'{shown}', which is no time like those before it"
                raise WrongRow(at, f"the timestamp is {what}; mend it, or leave times out (--columns timestamp=none)") from None
        raise


def _parts(column: Any) -> NDArray[np.uint8]:
    values, index = distinct_values(column)
    codes: NDArray[np.uint8] = np.array([PARTS.get(str(value).strip().lower(), 255) for value in values] + [255], dtype=np.uint8)[
        index
    ]
    wrong = np.flatnonzero(codes == 255)
    if wrong.size:
        value = column[int(wrong[0])].as_py()
        raise WrongRow(int(wrong[0]), f"the part '{value}' came; allowed: train, valid, test (--columns part=none ignores it)")
    return codes


def check_any(found: Collected, where: str) -> None:
    """``UserError`` where no row was left."""
    if not found.n:
        what = f" besides the {found.dropped:,} that mean 'not rated'" if found.dropped else ""
        raise UserError(f"'{where}' has no ratings{what}; at least one is needed")
