"""How many further splits (in one split: fits) would decide what is undecided: a range, as the difference is hardly known.

A number that takes the observed difference for the true one is wrong in most cases: an undecided difference is known no better
than its interval. So the number is a distribution over the posterior of the difference and of its spread (a prediction of power:
Spiegelhalter and Freedman 1986, A Predictive Approach to Selecting the Size of a Clinical Trial); told are its median and the
range from its 10th to its 90th percentile. Added splits have seeds of their own, so they take from splits, seeds and the rest
alike, and nothing from users.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.statistics.estimate import Estimate
from bench.statistics.sources import reach

POWER = 0.8
MOST = 10_000
N_DRAWS = 400
CANNOT = 0.9
"""Share of the posterior that no number decides, from which on it is said that none would."""
_SIZES = 120


@dataclass(frozen=True)
class Further:
    """Units beyond those there are that would decide with a chance of 80 %; None for more than 10,000."""

    unit: str
    """``'splits'``, or ``'seeds'`` where the study has one split."""
    low: int | None
    """The 10th percentile."""
    median: int | None
    high: int | None
    """The 90th percentile."""
    never: float
    """The probability that 10,000 would not decide."""
    users_alone: float
    """How far users alone leave the mean uncertain, at 95 %: what no number of units takes away."""
    cannot: bool
    """Whether it may be said that more units would not decide: users alone exceed the margin, and ``never`` is nearly certain."""


def further_units(found: Estimate, margin: float | None, level: float, rng: np.random.Generator) -> Further | None:
    """What would decide an undecided estimate at a two-sided level: a difference that shows, or an interval within the margin.

    None where one unit shows no spread, or nothing is uncertain.
    """
    if not np.isfinite(found.se) or found.se <= 0:
        return None
    users = found.sources.others[0].variance if found.sources.others else 0.0
    of_users = found.sources.others[0].freedom if found.sources.others else np.inf
    alone = reach(0.05, of_users) * np.sqrt(users)
    unit = max(found.se**2 - users, 0.0) * found.n  # the variance that one unit gives
    freedom = max(found.n - 1, 1)
    spread = unit * freedom / rng.chisquare(freedom, N_DRAWS)
    truth = found.difference + np.sqrt(spread / found.n + users) * rng.standard_normal(N_DRAWS)
    sizes = np.unique(np.geomspace(found.n + 1, found.n + MOST, _SIZES).astype(np.int64))
    enough = chance_to_decide(truth[:, None], spread[:, None], users, of_users, sizes, margin, level) >= POWER
    number = np.where(enough.any(axis=1), sizes[enough.argmax(axis=1)] - found.n, np.inf)
    never = float(np.mean(np.isinf(number)))
    low, median, high = (None if np.isinf(one) else int(one) for one in np.quantile(number, (0.1, 0.5, 0.9), method="higher"))
    beyond = margin is not None and alone >= margin
    return Further(
        "splits" if found.n_splits > 1 else "seeds", low, median, high, never, float(alone), beyond and never >= CANNOT
    )


def chance_to_decide(
    difference: NDArray[np.float64],
    spread: NDArray[np.float64],
    users: float,
    of_users: float,
    n: NDArray[np.int64],
    margin: float | None,
    level: float,
) -> NDArray[np.float64]:
    """The chance that n units decide, in the normal approximation with Student's reach, of arrays that broadcast.

    >>> chance = chance_to_decide(np.array(1.0), np.array(4.0), 0.0, np.inf, np.array([34]), None, 0.05)
    >>> round(float(chance[0]), 2)  # half a standard deviation, 34 pairs: 0.81 by the noncentral t
    0.81
    """
    from scipy.special import ndtr, stdtrit

    se = np.sqrt(np.maximum(spread / n + users, 1e-300))
    half = np.sqrt(stdtrit(n - 1, level / 2) ** 2 * spread / n + reach(level, of_users) ** 2 * users) / se
    shows = ndtr(np.abs(difference) / se - half) + ndtr(-np.abs(difference) / se - half)
    if margin is None:
        return np.asarray(shows)
    within = ndtr((margin - np.abs(difference)) / se - half) + ndtr((margin + np.abs(difference)) / se - half) - 1
    return np.asarray(np.clip(np.maximum(shows, within), 0.0, 1.0))
