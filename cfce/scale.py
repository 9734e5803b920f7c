"""The ordered values that a rating can take."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cfce.errors import UserError

MAX_LEVELS = 256
"""A level is stored in one byte."""
MOST_SHOWN = 12
"""Values of a scale that a sentence names one by one."""
SAME = 1e-12
"""Ratings that differ by no more than this share of their size are one, but for the rounding of float64, as 0.1 + 0.2 and 0.3."""


@dataclass(frozen=True)
class RatingScale:
    """K ordered rating values; a *level* is the index 0..K-1 of a value.

    >>> scale = RatingScale((1, 2, 3, 4, 5))
    >>> scale.n_levels, scale.y_range, scale.span
    (5, (0.0, 5.5), 4.0)
    >>> scale.levels_of([5, 1]).tolist()
    [4, 0]
    >>> scale.nearest([2.4, 9.0]).tolist()
    [1, 4]
    """

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        values = tuple(float(value) for value in self.values)
        object.__setattr__(self, "values", values)
        if not 2 <= len(values) <= MAX_LEVELS:
            raise UserError(f"a rating scale has 2 to {MAX_LEVELS} values, not {len(values)}; pass the scale's values")
        if not all(np.isfinite(values)) or any(b <= a for a, b in itertools.pairwise(values)):
            raise UserError(f"the values of a rating scale are finite and increase, but came as {list(values)}")

    @classmethod
    def of(cls, ratings: Iterable[float] | NDArray[np.floating]) -> "RatingScale":
        """The scale made of the distinct values that occur in ``ratings``."""
        return cls(tuple(distinct_ratings(ratings).tolist()))

    @classmethod
    def parse(cls, text: str) -> "RatingScale":
        """The scale that a text names: its values, or ``lowest:highest`` in steps of 1, or ``lowest:highest:step``.

        >>> RatingScale.parse("1,2,5").values, RatingScale.parse("0.1:0.3:0.1").values
        ((1.0, 2.0, 5.0), (0.1, 0.2, 0.3))
        >>> RatingScale.parse("1:100").n_levels
        100
        """
        separator = ":" if ":" in text else ","
        numbers = [_decimal(part.strip(), text) for part in text.split(separator) if part.strip()]
        if separator == ",":
            return cls(tuple(float(number) for number in numbers))
        if len(numbers) not in (2, 3):
            raise UserError(f"the scale '{text}' has {len(numbers)} numbers; a range is lowest:highest or lowest:highest:step")
        lowest, highest, step = (*numbers, Decimal(1))[:3]
        if step <= 0 or highest <= lowest or (highest - lowest) % step:
            raise UserError(f"the scale '{text}' does not go from its lowest to its highest in whole steps; such as 0.5:5:0.5")
        n_values = (highest - lowest) / step + 1
        if n_values > MAX_LEVELS:
            raise UserError(
                f"the scale '{text}' has {n_values:.0f} values; a rating scale has at most {MAX_LEVELS}: bin them (--levels 10)"
            )
        return cls(tuple(float(lowest + number * step) for number in range(int(n_values))))

    @property
    def n_levels(self) -> int:
        """K, the number of levels."""
        return len(self.values)

    @property
    def span(self) -> float:
        """Highest minus lowest value: what an RMSE is divided by to normalise it."""
        return self.values[-1] - self.values[0]

    @property
    def y_range(self) -> tuple[float, float]:
        """The range of a sigmoid over this scale: lowest value minus one step, highest plus half a step.

        For 1 to 5 it is (0, 5.5), as in chapter 8 of the fastai book.
        """
        first_step = self.values[1] - self.values[0]
        last_step = self.values[-1] - self.values[-2]
        return self.values[0] - first_step, self.values[-1] + last_step / 2

    @cached_property
    def array(self) -> NDArray[np.float32]:
        """The values as a vector, (K,)."""
        return np.asarray(self.values, dtype=np.float32)

    @cached_property
    def midpoints(self) -> NDArray[np.float64]:
        """The borders between neighbouring levels, (K-1,)."""
        values = np.asarray(self.values)
        return np.asarray((values[1:] + values[:-1]) / 2)

    def levels_of(self, ratings: ArrayLike) -> NDArray[np.uint8]:
        """The level of each rating, (N,); a rating outside the scale is an error that names its row.

        A rating that was stored as float32 on its way is on the scale too, unless two values of the scale are one float32.

        >>> RatingScale((0.1, 0.2, 0.3)).levels_of([np.float32(0.1), 0.1 + 0.2]).tolist()
        [0, 2]
        """
        ratings = np.asarray(ratings, dtype=np.float64)
        levels = self.nearest(ratings)
        values = np.asarray(self.values)[levels]
        wrong = np.flatnonzero(values != ratings)
        if wrong.size:
            wrong = wrong[~self._same(values[wrong], ratings[wrong])]
        if wrong.size:
            raise UserError(f"rating {exact(ratings[wrong[0]])} in row {wrong[0]} is not on the scale; allowed: {self}")
        return levels

    def _same(self, values: NDArray[np.float64], ratings: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Where a rating is a value but for the rounding of float64, or of float32 if that tells the values apart."""
        same = np.abs(values - ratings) <= SAME * np.abs(values)
        with np.errstate(over="ignore"):
            narrow = np.asarray(self.values).astype(np.float32)
            if len(np.unique(narrow)) == self.n_levels:
                same |= values.astype(np.float32) == ratings.astype(np.float32)
        return np.asarray(same & np.isfinite(ratings))

    def nearest(self, points: ArrayLike) -> NDArray[np.uint8]:
        """The level nearest to each point, clipped to the scale, (N,); a point halfway goes up."""
        return np.searchsorted(self.midpoints, np.asarray(points, dtype=np.float64), side="right").astype(np.uint8)

    def label(self, level: int) -> str:
        """How a level's rating is written in column names and tables: exact, so no two levels of a scale share a label.

        >>> RatingScale((0.5, 4, 1000001)).label(0), RatingScale((0.5, 4, 1000001)).label(2)
        ('0.5', '1000001')
        """
        return exact(self.values[level])

    @property
    def short(self) -> str:
        """The values between commas; of a long scale the ends, and the step where it is the same throughout.

        >>> RatingScale((1, 2, 3, 4, 5)).short, RatingScale.parse("0:10:0.5").short
        ('1, 2, 3, 4, 5', '0 to 10 in steps of 0.5')
        """
        if self.n_levels <= MOST_SHOWN:
            return str(self)
        step = self.values[1] - self.values[0]
        even = np.allclose(np.diff(self.values), step)
        ends = f"{exact(self.values[0])} to {exact(self.values[-1])}"
        return f"{ends} in steps of {step:g}" if even else f"{ends}, {self.n_levels} values"

    def __str__(self) -> str:
        """The values between commas."""
        return ", ".join(exact(value) for value in self.values)


def exact(rating: float) -> str:
    """A rating as the shortest decimal that reads back as the same number, whole numbers without a point.

    >>> exact(1000000.0), exact(3.5), exact(0.1 + 0.2), exact(1e-7), exact(-0.0)
    ('1000000', '3.5', '0.30000000000000004', '1e-07', '0')
    """
    rating = float(rating)
    return str(int(rating)) if rating.is_integer() and abs(rating) < 1e16 else repr(rating)


def distinct_ratings(ratings: Iterable[float] | NDArray[np.floating]) -> NDArray[np.float64]:
    """The distinct values in increasing order; values that differ by rounding alone are one, the one with the fewest digits.

    Values stored as float32 become the decimals that they stand for.

    >>> distinct_ratings([0.1 + 0.2, 0.3, 1]).tolist(), distinct_ratings(np.array([0.1], dtype=np.float32)).tolist()
    ([0.3, 1.0], [0.1])
    """
    found = np.unique(np.asarray(ratings if isinstance(ratings, np.ndarray) else list(ratings)))
    if found.dtype in (np.float16, np.float32):
        found = np.array([float(str(value)) for value in found])
    values = found.astype(np.float64)
    near = np.flatnonzero(np.diff(values) <= SAME * np.abs(values[1:]))
    if not near.size:
        return values
    groups = np.split(values, np.setdiff1d(np.arange(1, len(values)), near + 1))
    return np.array([min(group.tolist(), key=lambda value: len(repr(value))) for group in groups])


def _decimal(part: str, text: str) -> Decimal:
    try:
        number = Decimal(part)
    except InvalidOperation:
        raise UserError(f"'{part}' in the scale '{text}' is not a number; a scale is such as 1,2,3 or 0.5:5:0.5") from None
    if not number.is_finite():
        raise UserError(f"'{part}' in the scale '{text}' is not a finite number; a scale is such as 1,2,3 or 0.5:5:0.5")
    return number
