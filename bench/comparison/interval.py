"""A mean difference over splits and seeds with its interval and p-value.

Two things make a difference between two variants uncertain. Another split or another seed would give another
difference: that is seen in the spread of the differences over units (splits, or seeds within a single split). And other
users might like other things: the users of the study are in every split, so this does not shrink with more
splits, and it is seen in how the units' differences move *together* when users are resampled. The variance of the mean
is the sum of both (two-way clustering: Cameron, Gelbach and Miller 2011, Robust Inference with Multiway Clustering,
section 2.2; what both share, a person on a split, is counted once, in the first).

The first is known from few units and asks for Student's t, the second from many users and asks for the normal. The
interval's half width is the root of the sum of the squares of the two half widths (Howe 1974, Approximate Confidence
Limits on the Mean of X + Y where X and Y are Two Tabled Independent Random Variables): exact where one of them is all
there is, and a little wide between. Degrees of freedom fitted to the sum would be too many where two or three units lie
close together by chance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
_LEAST_P = 1e-15


@dataclass(frozen=True)
class Estimate:
    """A mean difference with what is known of it; interval and p are NaN where n is 1."""

    difference: float
    low: float
    high: float
    p: float
    """Two-sided, of no difference."""
    n: int
    """Units: splits, or seeds where there is one split."""
    se: float
    """The standard error of the mean: the root of ``spread / n + users``."""
    spread: float
    """The variance of a unit's difference, between units."""
    users: float
    """The variance of the mean that more units would not take away: other users."""

    def p_outside(self, margin: float) -> float:
        """The p-value of a difference of ``margin`` or more in either direction: small where they are equivalent.

        Two one-sided tests: Schuirmann (1987).
        """
        if self.n < 2:
            return float("nan")
        room = margin - abs(self.difference)
        half = two_sided_p(abs(room), self.n, self.spread, self.users) / 2
        return half if room > 0 else 1 - half


def estimate(differences: NDArray[np.float64], replicates: NDArray[np.float64]) -> Estimate:
    """The mean of the differences of n units (n,), given them under resampled users (n_replicates, n).

    >>> found = estimate(np.array([1.0, 2.0, 3.0]), np.zeros((10, 3)))  # without users: the plain t interval
    >>> round(found.difference, 3), round(found.low, 3), round(found.high, 3)
    (2.0, -0.484, 4.484)
    """
    n = len(differences)
    mean = float(np.mean(differences))
    nothing = float("nan")
    if n < 2:
        return Estimate(mean, nothing, nothing, nothing, n, nothing, nothing, nothing)
    spread = float(np.var(differences, ddof=1))
    users = _shared(replicates)
    half = half_width(1 - CONFIDENCE, n, spread, users)
    p = two_sided_p(abs(mean), n, spread, users)
    return Estimate(mean, mean - half, mean + half, p, n, float(np.sqrt(spread / n + users)), spread, users)


def half_width(level: float, n: int, spread: float, users: float) -> float:
    """How far from no difference the mean of n units must lie to show at a two-sided level.

    >>> round(half_width(0.05, 9, 9.0, 0.0), 3)  # t(8) alone: 2.306 standard errors of 1
    2.306
    """
    from scipy.special import ndtri, stdtrit

    units, others = stdtrit(n - 1, level / 2), ndtri(level / 2)  # the lower tails: a small level keeps its digits
    return float(np.sqrt(units**2 * spread / n + others**2 * users))


def two_sided_p(distance: float, n: int, spread: float, users: float) -> float:
    """The level at which ``half_width`` is ``distance``: the p-value of a mean that far from no difference."""
    from scipy.optimize import brentq

    if distance == 0:
        return 1.0
    if half_width(_LEAST_P, n, spread, users) <= distance:
        return _LEAST_P if spread or users else 0.0

    def surplus(log_p: float) -> float:
        return half_width(np.exp(log_p), n, spread, users) - distance

    return float(np.exp(brentq(surplus, np.log(_LEAST_P), 0.0, xtol=1e-10)))


def _shared(replicates: NDArray[np.float64]) -> float:
    """The mean covariance of two units under resampled users, 0 or above: the variance that all of them share."""
    n = replicates.shape[1]
    centred = replicates - replicates.mean(axis=0)
    of_mean = np.square(centred.mean(axis=1)).sum() / (len(centred) - 1)  # the mean of all entries of the covariance
    of_one = np.square(centred).sum() / (len(centred) - 1) / n  # the mean of its diagonal
    return max(0.0, float((n * of_mean - of_one) / (n - 1)))


def overlap_p(differences: NDArray[np.float64], held_out_by_train: float) -> float:
    """The p-value of no difference for other ratings of the same kind, corrected for splits that share training ratings.

    Nadeau and Bengio (2003), Inference for the Generalization Error, section 3: 1/n becomes 1/n + held out / train.
    NaN for fewer than two splits.
    """
    from scipy import stats

    n = len(differences)
    if n < 2:
        return float("nan")
    se = float(np.sqrt((1 / n + held_out_by_train) * np.var(differences, ddof=1)))
    mean = float(np.mean(differences))
    return float(2 * stats.t.sf(abs(mean) / se, n - 1)) if se else float(mean == 0)


def ranks_p(differences: NDArray[np.float64]) -> float:
    """The p-value of Wilcoxon's signed ranks, which does not ask for normal differences.

    With n units it is never below 2 / 2^n. NaN for fewer than two.
    """
    from scipy import stats

    if len(differences) < 2:
        return float("nan")
    if not np.any(differences):
        return 1.0
    return float(stats.wilcoxon(differences).pvalue)
