"""What margins the users of a data set allow, however many splits and seeds are added."""

from dataclasses import dataclass

import numpy as np

from bench.statistics.estimate import Estimate
from bench.statistics.further import POWER
from bench.statistics.sources import reach


@dataclass(frozen=True)
class Reachable:
    """Margins of equivalence and the users of the data."""

    least: float
    """No number of splits and seeds shows equivalence within less: half the interval that users alone give."""
    decidable: float
    """Within this much, equal configurations are shown to be equivalent in four of five studies of very many splits and seeds."""


def reachable_margin(found: Estimate, level: float = 0.05) -> Reachable:
    """The margins that users alone leave, at a two-sided level.

    Equal configurations lie within a margin by chance of 80 % where the margin is the half width and the normal quantile of 90 %
    more (both ends have to lie inside).

    >>> from bench.statistics.estimate import estimate
    >>> rng = np.random.default_rng(0)
    >>> moves = np.repeat(rng.normal(0, 0.001, (4000, 1)), 3, axis=1)  # users move all splits by .001
    >>> found = reachable_margin(estimate(np.array([0.0, 0.01, 0.02]), np.arange(3), None, moves))
    >>> round(found.least, 3), round(found.decidable, 3)
    (0.002, 0.003)
    """
    if not found.sources.others:
        return Reachable(0.0, 0.0)
    users = found.sources.others[0]
    error = float(np.sqrt(users.variance))
    return Reachable(reach(level, users.freedom) * error, (reach(level, users.freedom) + reach(1 - POWER, np.inf)) * error)
