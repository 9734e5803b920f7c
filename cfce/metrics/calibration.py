"""Calibration of the cumulative events P(Y <= k): whether ratings at or below a level are as frequent as predicted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cfce.metrics.cumulative import cumulative

N_BINS = 10


@dataclass(frozen=True, eq=False)
class Calibration:
    """Cumulative events by threshold and bin of predicted probability; each array is (K-1, n_bins).

    Sums, not means, so that the tables of several trials add up to the table of them all.
    """

    count: NDArray[np.float64]
    """Events in the bin."""
    predicted: NDArray[np.float64]
    """The sum of their predicted probabilities."""
    observed: NDArray[np.float64]
    """How many of them were observed."""

    def __add__(self, other: "Calibration") -> "Calibration":
        return Calibration(self.count + other.count, self.predicted + other.predicted, self.observed + other.observed)

    @property
    def error(self) -> float:
        """The mean over thresholds and ratings of the gap, |mean predicted - observed share|, of the bin; NaN for no ratings.

        An expected calibration error: 0 is the best, and the noise of n ratings alone gives at most about 0.4 x sqrt(n_bins / n).
        Bins of different thresholds are not pooled, so opposite errors at two thresholds do not cancel.
        """
        events = self.count.sum()
        return float(np.abs(self.predicted - self.observed).sum() / events) if events else float("nan")

    def curve(self, threshold: int | None = None) -> NDArray[np.float64]:
        """The reliability curve, (n, 3): mean predicted, observed share, events; of one threshold, or of all pooled.

        Bins without events are left out.
        """
        rows = slice(None) if threshold is None else slice(threshold, threshold + 1)
        count, predicted, observed = (table[rows].sum(axis=0) for table in (self.count, self.predicted, self.observed))
        full = count > 0
        return np.column_stack([predicted[full] / count[full], observed[full] / count[full], count[full]])


def calibration(probabilities: ArrayLike, levels: ArrayLike, n_bins: int = N_BINS) -> Calibration:
    """The calibration of N distributions (N, K) against the observed levels (N,), in bins of equal width.

    >>> table = calibration([[0.25, 0.75]] * 4, [0, 1, 1, 1])
    >>> table.curve().tolist(), table.error
    ([[0.25, 0.25, 4.0]], 0.0)
    >>> calibration([[0.25, 0.75]] * 4, [0, 0, 1, 1]).error
    0.25
    """
    probabilities, levels = np.asarray(probabilities, dtype=np.float64), np.asarray(levels)
    found = Calibration(*np.zeros((3, probabilities.shape[1] - 1, n_bins)))
    for threshold, mass in enumerate(cumulative(probabilities).T[:-1]):  # each (N,)
        below = mass.clip(0, 1)
        bins = np.minimum((below * n_bins).astype(np.intp), n_bins - 1)
        found.count[threshold] = np.bincount(bins, minlength=n_bins)
        found.predicted[threshold] = np.bincount(bins, weights=below, minlength=n_bins)
        found.observed[threshold] = np.bincount(bins, weights=levels <= threshold, minlength=n_bins)
    return found
