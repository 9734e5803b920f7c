"""Seconds over rounds, told by their median and quartiles."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Spread:
    """The seconds of each round, in the order in which they were measured.

    The median and the quartiles are numpy's, linear between ranks: a shared machine now and then doubles one round,
    which moves a mean and not a median.

    >>> spread = Spread((4.0, 1.0, 2.0, 3.0))
    >>> spread.median, spread.q1, spread.q3, spread.iqr
    (2.5, 1.75, 3.25, 1.5)
    """

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle round, in seconds."""
        return float(np.median(self.rounds))

    @property
    def q1(self) -> float:
        """A quarter of the rounds took less, in seconds."""
        return float(np.quantile(self.rounds, 0.25))

    @property
    def q3(self) -> float:
        """A quarter of the rounds took more, in seconds."""
        return float(np.quantile(self.rounds, 0.75))

    @property
    def iqr(self) -> float:
        """The interquartile range, in seconds."""
        return self.q3 - self.q1

    def to_json(self) -> dict[str, Any]:
        """Median, quartiles and rounds."""
        return {"median": self.median, "q1": self.q1, "q3": self.q3, "rounds": list(self.rounds)}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Spread":
        """The spread that ``to_json`` wrote."""
        return cls(tuple(content["rounds"]))


def seconds_text(seconds: float) -> str:
    """Three digits in the unit that fits.

    >>> seconds_text(4.5678), seconds_text(0.0123456), seconds_text(2.5e-6)
    ('4.57 s', '12.3 ms', '2.5 µs')
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
