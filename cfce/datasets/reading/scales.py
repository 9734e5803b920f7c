"""The scale of ratings that came without one: their distinct values, or bins of them; counts and likely gaps are named."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from cfce.datasets.reading.batches import WrongRow
from cfce.datasets.reading.collecting import Collected
from cfce.datasets.reading.options import Levels
from cfce.errors import UserError
from cfce.scale import MAX_LEVELS, RatingScale, distinct_ratings, exact

CHUNK = 1 << 20
"""Ratings that are held at a time."""
SHOWN = 12
"""Levels whose counts are listed one by one."""
TOPS = (5, 10, 100)
"""Where scales usually end."""


def infer_scale(found: Collected, where: str) -> RatingScale:
    """The scale of the distinct ratings; a rating that breaks their equal steps is taken for a mistake, and its row named."""
    if found.counts is None or len(distinct_ratings(list(found.counts))) > MAX_LEVELS:
        n = f"more than {MAX_LEVELS}" if found.counts is None else len(distinct_ratings(list(found.counts)))
        raise UserError(
            f"'{where}' has {n} distinct ratings; a rating scale has 2 to {MAX_LEVELS} values, "
            f"so bin them (--levels 10, or --levels 10:quantile), or name another column (--columns rating=NAME)"
        )
    distinct = distinct_ratings(list(found.counts))
    if len(distinct) < 2:
        raise UserError(
            f"every rating of '{where}' is {exact(distinct[0])}, and of ratings that are all alike nothing can be learnt; "
            "name a column whose values differ (--columns rating=NAME), or pass other data"
        )
    steps = np.round(np.diff(distinct), 9)
    usual, times = np.unique(steps, return_counts=True)
    odd = np.flatnonzero(steps != usual[times.argmax()])
    if odd.size:
        counts = _counts_of(found.counts, distinct)
        suspects = np.unique(np.concatenate([odd, odd + 1]))
        mends = [len(set(np.diff(np.delete(distinct, one)).round(9))) == 1 for one in suspects]  # the others have equal steps
        if len(odd) > 2 and not any(mends):
            ends = f"{exact(distinct[0])} to {exact(distinct[-1])}"
            raise UserError(
                f"'{where}' has {len(distinct)} distinct ratings without equal steps, from {ends}; "
                f"name every rating that there may be (--scale), or bin them (--levels 10, or --levels 10:quantile)"
            )
        suspect = suspects[np.lexsort((counts[suspects], ~np.array(mends)))[0]]
        others = ", ".join(exact(value) for value in np.delete(distinct, suspect))
        raise WrongRow(
            first_row(found, distinct[suspect]),
            f"rating {exact(distinct[suspect])} came, but the others are {others} and a scale has equal steps; "
            f"correct it, or name every rating that there may be (--scale)",
        )
    return RatingScale(tuple(distinct.tolist()))


def scale_notes(scale: RatingScale, counts: Counter[float]) -> tuple[str, ...]:
    """Lines on a scale that was inferred: how often each rating occurs, and the values that it may lack at its ends.

    >>> scale_notes(RatingScale((2, 3, 4, 5)), Counter({2.0: 7, 3.0: 10, 4.0: 12, 5.0: 1200}))[0]
    'scale inferred from the ratings: 2 (7), 3 (10), 4 (12), 5 (1,200); 1 never occurs: if it can be given, pass --scale 1:5'
    """
    times = _counts_of(counts, np.asarray(scale.values))
    each = [f"{scale.label(level)} ({times[level]:,})" for level in range(scale.n_levels)]
    if len(each) > SHOWN:
        each = [*each[:3], f"… {len(each) - 6} more …", *each[-3:]]
    line = f"scale inferred from the ratings: {', '.join(each)}"
    gap, whole = likely_gap(scale)
    if gap:
        verb, can = ("occurs", "it") if len(gap) == 1 else ("occur", "they")
        line += f"; {' and '.join(map(exact, gap))} never {verb}: if {can} can be given, pass --scale {whole}"
    return (line,)


def likely_gap(scale: RatingScale) -> tuple[list[float], str]:
    """The values that a scale of equal steps probably lacks at its ends, and the range with them; none is ``([], '')``.

    >>> likely_gap(RatingScale((2, 3, 4, 5))), likely_gap(RatingScale((1, 2, 3, 4))), likely_gap(RatingScale((1, 2, 3, 4, 5)))
    (([1.0], '1:5'), ([5.0], '1:5'), ([], ''))
    """
    low, high = scale.values[0], scale.values[-1]
    step = round(scale.values[1] - scale.values[0], 9)
    below = low / step - 1  # how many steps lie between the lowest value and one step above zero
    under = [round(step * (number + 1), 9) for number in range(round(below))] if 0 < below < scale.n_levels else []
    over = [float(top) for top in TOPS if low > 0 and abs(high + step - top) < 1e-9 and scale.n_levels > 2]
    if not under and not over:
        return [], ""
    lowest, highest = (under or [low])[0], (over or [high])[-1]
    suffix = "" if step == 1 else f":{exact(step)}"
    return under + over, f"{exact(lowest)}:{exact(highest)}{suffix}"


def bin_scale(found: Collected, levels: Levels, where: str) -> tuple[RatingScale, NDArray[np.float64], tuple[str, ...]]:
    """The scale of bins, the borders between them, (K-1,), and lines on them.

    A bin of equal width stands for its middle, one of equally many ratings for their mean. Bins that would be empty of a
    border of their own become one.
    """
    values = found.column("rating")
    low, high = float(values.min()), float(values.max())
    if low == high:
        raise UserError(f"'{where}' has one distinct rating, {exact(low)}; there is nothing to bin")
    if levels.by == "width":
        edges = np.linspace(low, high, levels.n + 1)
        centres = (edges[1:] + edges[:-1]) / 2
        borders = edges[1:-1]
    else:
        borders = np.unique(np.quantile(values, np.arange(1, levels.n) / levels.n))
        borders = borders[(borders > low) & (borders <= high)]
        sums, times = np.zeros(len(borders) + 1), np.zeros(len(borders) + 1)
        for start in range(0, len(values), CHUNK):
            part = np.asarray(values[start : start + CHUNK])
            level = np.searchsorted(borders, part, side="right")
            sums += np.bincount(level, part, len(sums))
            times += np.bincount(level, minlength=len(times))
        borders, sums, times = borders[times[1:] > 0], sums[times > 0], times[times > 0]
        centres = sums / times
    scale = RatingScale(tuple(float(f"{centre:.6g}") for centre in centres))
    how = "equal width, each called by its middle" if levels.by == "width" else "equally many ratings, each called by their mean"
    note = f"ratings from {exact(low)} to {exact(high)} binned into {scale.n_levels} levels of {how}: {scale}"
    return scale, borders, (note,)


def write_levels(found: Collected, scale: RatingScale, borders: NDArray[np.float64] | None, name: str = "level") -> None:
    """Write the level of each rating beside the columns; ``WrongRow`` for one that is not on the scale."""
    values = found.column("rating")
    with open(found.folder / name, "wb") as file:
        for start in range(0, len(values), CHUNK):
            part = np.asarray(values[start : start + CHUNK])
            if borders is not None:
                levels = np.searchsorted(borders, part, side="right").astype(np.uint8)
            else:
                try:
                    levels = scale.levels_of(part)
                except UserError:
                    row, value = _off(scale, part)
                    allowed = f"allowed: {scale}" if scale.n_levels <= 2 * SHOWN else f"it has {scale.n_levels} values"
                    raise WrongRow(start + row, f"rating {exact(value)} is not on the scale; {allowed}") from None
            file.write(levels.data)


def first_row(found: Collected, rating: float) -> int:
    """The first row that has a rating."""
    values = found.column("rating")
    for start in range(0, len(values), CHUNK):
        rows = np.flatnonzero(np.isclose(values[start : start + CHUNK], rating, rtol=1e-12, atol=0))
        if rows.size:
            return start + int(rows[0])
    raise ValueError(f"no rating is {rating}")


def _counts_of(counts: Counter[float], distinct: NDArray[np.float64]) -> NDArray[np.int64]:
    times = np.zeros(len(distinct), dtype=np.int64)
    for value, n in counts.items():
        times[np.abs(distinct - value).argmin()] += n
    return times


def _off(scale: RatingScale, ratings: NDArray[np.float64]) -> tuple[int, float]:
    for row, value in enumerate(ratings.tolist()):
        try:
            scale.levels_of([value])
        except UserError:
            return row, value
    raise ValueError("every rating is on the scale")
