"""How far a mean can be off that is uncertain for several reasons, each known from few or many levels.

Each source has a variance and degrees of freedom, and asks for Student's t with its own: the half width is the root of the sum of
the squares of the half widths (Howe 1974, Approximate Confidence Limits on the Mean of X + Y where X and Y are Two Tabled
Independent Random Variables). It is exact where one source is all there is, and a little wide between. One t with the degrees of
freedom that Satterthwaite (1946) fits to the sum is too narrow where a source of one or two degrees of freedom shows little by
chance: two seeds that happen to lie close together then count as known well.

What two sources count twice is taken off with the normal quantile, the smallest, and never so much that the half width falls
below that of one of them.
"""

from dataclasses import dataclass

import numpy as np

_LEAST_P = 1e-15


@dataclass(frozen=True)
class Source:
    """A source of uncertainty of a mean."""

    variance: float
    """What it adds to the variance of the mean; below 0 for what other sources count twice."""
    freedom: float
    """Degrees of freedom that the variance is known with."""


@dataclass(frozen=True)
class Sources:
    """Everything that makes a mean uncertain."""

    design: tuple[Source, ...]
    """Splits, seeds and the rest."""
    others: tuple[Source, ...] = ()
    """What more splits and seeds would not take away: other users."""
    least: Source = Source(0.0, float("inf"))
    """What the mean is uncertain by at least, known without the spread of the design: sampling of users and ratings."""

    @property
    def variance(self) -> float:
        """The variance of the mean."""
        design = sum(one.variance for one in self.design)
        design = max([design, *(one.variance for one in self.design)]) if self.design else 0.0
        return max(design + sum(one.variance for one in self.others), self.least.variance)

    @property
    def freedom(self) -> float:
        """Satterthwaite's degrees of freedom of ``variance``; infinite where nothing is uncertain."""
        known = sum(one.variance**2 / one.freedom for one in (*self.design, *self.others))
        return self.variance**2 / known if known > 0 else float("inf")


def half_width(level: float, sources: Sources) -> float:
    """How far from no difference a mean must lie to show at a two-sided level.

    >>> round(half_width(0.05, Sources((Source(1.0, 8),))), 3)  # t(8) alone: 2.306 standard errors of 1
    2.306
    """
    single = [_square(level, one) for one in sources.design if one.variance > 0]
    twice = sum(_square(level, Source(-one.variance, np.inf)) for one in sources.design if one.variance < 0)
    design = max([sum(single) - twice, *single]) if single else 0.0
    total = design + sum(_square(level, one) for one in sources.others)
    return float(np.sqrt(max(total, _square(level, sources.least))))


def two_sided_p(distance: float, sources: Sources) -> float:
    """The level at which ``half_width`` is ``distance``: the p-value of a mean that far from no difference."""
    from scipy.optimize import brentq

    if distance == 0:
        return 1.0
    if half_width(_LEAST_P, sources) <= distance:
        return _LEAST_P if sources.variance else 0.0

    def surplus(log_p: float) -> float:
        return half_width(float(np.exp(log_p)), sources) - distance

    return float(np.exp(brentq(surplus, np.log(_LEAST_P), 0.0, xtol=1e-10)))


def reach(level: float, freedom: float) -> float:
    """The two-sided quantile of Student's t, or of the normal for infinite degrees of freedom.

    >>> round(reach(0.05, 4), 3), round(reach(0.05, float("inf")), 3)
    (2.776, 1.96)
    """
    from scipy.special import ndtri, stdtrit

    # of the lower tail: a small level keeps its digits
    return -float(stdtrit(freedom, level / 2) if np.isfinite(freedom) else ndtri(level / 2))


def _square(level: float, source: Source) -> float:
    return reach(level, source.freedom) ** 2 * source.variance if source.variance > 0 else 0.0
