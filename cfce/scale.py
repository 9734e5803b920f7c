"""The ordered values that a rating can take."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cfce.errors import UserError

MAX_LEVELS = 256
"""A level is stored in one byte."""


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
    def of(cls, ratings: Iterable[float]) -> "RatingScale":
        """The scale made of the distinct values that occur in ``ratings``."""
        return cls(tuple(np.unique(np.asarray(ratings, dtype=np.float64)).tolist()))

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
        """The level of each rating, (N,); a rating outside the scale is an error that names its row."""
        ratings = np.asarray(ratings, dtype=np.float64)
        levels = np.searchsorted(self.values, ratings).clip(max=self.n_levels - 1)
        wrong = np.flatnonzero(np.asarray(self.values)[levels] != ratings)
        if wrong.size:
            allowed = ", ".join(f"{value:g}" for value in self.values)
            raise UserError(f"rating {ratings[wrong[0]]:g} in row {wrong[0]} is not on the scale; allowed: {allowed}")
        return levels.astype(np.uint8)

    def nearest(self, points: ArrayLike) -> NDArray[np.uint8]:
        """The level nearest to each point, clipped to the scale, (N,); a point halfway goes up."""
        return np.searchsorted(self.midpoints, np.asarray(points, dtype=np.float64), side="right").astype(np.uint8)

    def label(self, level: int) -> str:
        """How a level's rating is written in column names and tables: ``'4'``, ``'3.5'``."""
        return f"{self.values[level]:g}"
