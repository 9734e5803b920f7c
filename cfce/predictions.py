"""Predictions of held-out ratings: points, a distribution over the levels, or both; and how one value is read from them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cfce.errors import UserError
from cfce.scale import RatingScale

DECODERS = ("mean", "median", "mode")


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a trained variant says of N held-out ratings.

    ``points`` is (N,) on the scale of the ratings; ``probabilities`` is (N, K) over the levels, each row summing to 1.
    A regression gives points, a classifier probabilities, a baseline both.
    """

    scale: RatingScale
    points: NDArray[np.floating] | None = None
    probabilities: NDArray[np.floating] | None = None
    derived: bool = False
    """Whether the probabilities follow from the points, and are not the predictor's own."""
    sigma: float | None = None
    """Where the probabilities are normals around the points, cut at the midpoints: their standard deviation."""
    _decoded: dict[str, NDArray[np.float64]] = field(default_factory=dict, init=False, repr=False)
    _levels: dict[str, NDArray[np.uint8]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.points is None and self.probabilities is None:
            raise UserError("a prediction needs points or probabilities, but neither came")
        shape = None if self.probabilities is None else self.probabilities.shape
        if shape is not None and (len(shape) != 2 or shape[1] != self.scale.n_levels):
            raise UserError(f"probabilities have one column a level, (N, {self.scale.n_levels}), but came as {shape}")
        if self.points is not None and self.points.shape != ((len(self.points),) if shape is None else shape[:1]):
            rows = "(N,)" if shape is None else f"({shape[0]},) beside probabilities of {shape}"
            raise UserError(f"points are one a rating, {rows}, but came as {self.points.shape}")

    def __len__(self) -> int:
        first = self.points if self.points is not None else self.probabilities
        assert first is not None
        return len(first)

    @property
    def usual_decoder(self) -> str:
        """How one level is usually read: the mode of a distribution of its own; points are rounded."""
        return "mean" if self.probabilities is None or self.derived else "mode"

    def decode(self, decoder: str) -> NDArray[np.float64]:
        """One value a rating, (N,): the mean, the median level or the most probable level of the distribution.

        Points stand for the mean; without probabilities, median and mode are the level nearest to the point.
        """
        if decoder not in DECODERS:
            raise UserError(f"unknown decoder '{decoder}'; allowed: {', '.join(DECODERS)}")
        if decoder not in self._decoded:
            self._decoded[decoder] = self._decode(decoder)
        return self._decoded[decoder]

    def _decode(self, decoder: str) -> NDArray[np.float64]:
        values = np.asarray(self.scale.values)
        if decoder == "mean" and self.points is not None:
            return self.points.astype(np.float64)
        if self.probabilities is None:
            assert self.points is not None
            return values[self.scale.nearest(self.points)]
        if decoder == "mean":
            return np.asarray(self.probabilities.astype(np.float64) @ values)
        return values[self.levels(decoder)]

    def levels(self, decoder: str = "mode") -> NDArray[np.uint8]:
        """One level a rating, (N,): the mean rounded to the nearest level, the median level, or the most probable one."""
        if decoder not in self._levels:
            self._levels[decoder] = self._read_levels(decoder)
        return self._levels[decoder]

    def _read_levels(self, decoder: str) -> NDArray[np.uint8]:
        if self.probabilities is None or decoder == "mean":
            return self.scale.nearest(self.decode("mean"))
        if decoder == "median":
            reached = np.cumsum(self.probabilities.astype(np.float64), axis=1) >= 0.5 - 1e-9
            return np.asarray(reached.argmax(axis=1), dtype=np.uint8)
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.uint8)
