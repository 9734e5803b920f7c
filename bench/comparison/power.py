"""How many further seeds would settle what is undecided, if the difference is what it now looks like."""

import numpy as np
from numpy.typing import NDArray

from bench.comparison.interval import Estimate

POWER = 0.8
MOST = 10_000


def power_of_test(difference: float, spread: float, users: float, n: NDArray[np.int64], level: float) -> NDArray[np.float64]:
    """The chance that n units show a true difference at a two-sided level, (len(n),): a noncentral t.

    >>> round(float(power_of_test(1.0, 4.0, 0.0, np.array([34]), 0.05)[0]), 2)  # half a standard deviation, 34 pairs
    0.81
    """
    from scipy import stats

    se, df, reach = _errors(spread, users, n, level)
    shift = abs(difference) / se
    return np.asarray(stats.nct.sf(reach, df, shift) + stats.nct.cdf(-reach, df, shift))


def power_of_equivalence(
    difference: float, spread: float, users: float, n: NDArray[np.int64], margin: float, level: float
) -> NDArray[np.float64]:
    """The chance that the interval of n units lies within the margin, (len(n),), in the normal approximation."""
    from scipy import stats

    se, _, reach = _errors(spread, users, n, level)
    above, below = (margin - abs(difference)) / se - reach, (margin + abs(difference)) / se - reach
    return np.asarray(np.clip(stats.norm.cdf(above) + stats.norm.cdf(below) - 1, 0, 1))


def further_units(found: Estimate, margin: float | None, level: float) -> int | None:
    """Units beyond those there are that would decide with a chance of 80 %; None where 10,000 would not.

    Either way of deciding counts: a difference that shows, or an interval within the margin.
    """
    n = np.unique(np.geomspace(found.n + 1, max(MOST, found.n + 2), 500).astype(np.int64))
    fixed = found.users + found.seeds
    if found.spread <= 0 and fixed <= 0:
        return None
    chance = power_of_test(found.difference, found.spread, fixed, n, level)
    if margin is not None:
        inside = power_of_equivalence(found.difference, found.spread, fixed, n, margin, level)
        chance = np.maximum(chance, inside)
    enough = np.flatnonzero(chance >= POWER)
    return int(n[enough[0]] - found.n) if enough.size else None


def _errors(
    spread: float, users: float, n: NDArray[np.int64], level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """For n units: standard error, degrees of freedom (Satterthwaite), and half width in standard errors."""
    from scipy import stats

    units = np.maximum(spread / n, 1e-300)
    se = np.sqrt(units + users)
    df = np.minimum((n - 1) * np.minimum(1 + users / units, 1e9) ** 2, 1e6)
    reach = np.sqrt(stats.t.isf(level / 2, n - 1) ** 2 * units + stats.norm.isf(level / 2) ** 2 * users) / se
    return se, df, reach
