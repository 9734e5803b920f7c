"""Claims across data sets: ranks and their critical difference, and a random-effects mean of differences.

A data set is the unit: what other trainings on the same data show is a matter of each study.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

LEAST_DATASETS = 6
"""Data sets below which nothing is tested across them: of five, even five wins are no surprise (two-sided sign test p = 1/16)."""


def mean_ranks(losses: NDArray[np.floating]) -> NDArray[np.float64]:
    """The mean rank of k variants over N data sets, (k,), from losses (N, k); 1 is the best, ties share their mean rank.

    >>> mean_ranks(np.array([[1.0, 2.0, 2.0], [1.0, 3.0, 2.0]])).tolist()
    [1.0, 2.75, 2.25]
    """
    return np.asarray(stats.rankdata(losses, axis=1).mean(axis=0), dtype=np.float64)


def iman_davenport(losses: NDArray[np.floating]) -> float:
    """The p-value of no difference in mean rank between k variants on N data sets: Iman and Davenport's form of Friedman's test.

    Source: Demsar, Statistical Comparisons of Classifiers over Multiple Data Sets (2006), section 3.2.2.
    """
    ranks = mean_ranks(losses)
    n, k = losses.shape
    chi2 = 12 * n / (k * (k + 1)) * (float(np.square(ranks).sum()) - k * (k + 1) ** 2 / 4)
    room = n * (k - 1) - chi2
    if room <= 0:  # every data set ranks alike
        return 0.0
    return float(stats.f.sf((n - 1) * chi2 / room, k - 1, (k - 1) * (n - 1)))


def critical_difference(k: int, n: int, alpha: float = 0.05) -> float:
    """The difference of mean ranks of k variants on n data sets above which two differ: Nemenyi's (Demsar 2006, section 3.2.2).

    >>> round(critical_difference(4, 14), 2)  # Demsar's example has 4 classifiers on 14 data sets: 1.25
    1.25
    """
    q = float(stats.studentized_range.ppf(1 - alpha, k, np.inf)) / np.sqrt(2)
    return float(q * np.sqrt(k * (k + 1) / (6 * n)))


@dataclass(frozen=True)
class RandomEffects:
    """A mean over data sets that are themselves drawn from many."""

    mean: float
    low: float
    """Ends of the 95 % interval; NaN for one data set."""
    high: float
    tau: float
    """Standard deviation of the true differences between data sets."""
    i2: float
    """The share of the spread that is more than the studies' own uncertainty."""
    p_heterogeneity: float
    """Of the test that all data sets have one difference (Cochran's Q)."""
    n: int


def random_effects(differences: NDArray[np.floating], errors: NDArray[np.floating]) -> RandomEffects:
    """The random-effects mean of n differences with their standard errors, (n,) each.

    The variance between data sets is that of Paule and Mandel (1982); the interval is that of Hartung and Knapp (2001), with
    Student's t of
    n - 1, and never narrower than the plain one.

    >>> found = random_effects(np.array([1.0, 1.0, 1.0]), np.array([0.1, 0.1, 0.1]))
    >>> found.mean, found.tau, found.i2
    (1.0, 0.0, 0.0)
    """
    y, v = np.asarray(differences, np.float64), np.maximum(np.square(np.asarray(errors, np.float64)), 1e-18)
    n = len(y)
    if n < 2:
        nan = float("nan")
        return RandomEffects(float(y[0]) if n else nan, nan, nan, nan, nan, nan, n)
    tau2 = _paule_mandel(y, v)
    w = 1 / (v + tau2)
    mean = float(w @ y / w.sum())
    spread = max(1.0, float(w @ np.square(y - mean)) / (n - 1))
    half = float(stats.t.ppf(0.975, n - 1)) * np.sqrt(spread / w.sum())
    fixed = 1 / v
    q = float(fixed @ np.square(y - fixed @ y / fixed.sum()))
    i2 = max(0.0, 1 - (n - 1) / q) if q > 0 else 0.0
    return RandomEffects(mean, mean - half, mean + half, float(np.sqrt(tau2)), i2, float(stats.chi2.sf(q, n - 1)), n)


def _paule_mandel(y: NDArray[np.float64], v: NDArray[np.float64]) -> float:
    """The variance between data sets at which the generalised Q is its expectation n - 1; 0 where it is less throughout."""

    def excess(tau2: float) -> float:
        w = 1 / (v + tau2)
        return float(w @ np.square(y - w @ y / w.sum())) - (len(y) - 1)

    if excess(0.0) <= 0:
        return 0.0
    low, high = 0.0, float(np.square(y - y.mean()).sum())
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return (low + high) / 2
