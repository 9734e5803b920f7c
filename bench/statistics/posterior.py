"""A Bayesian reading beside a test: how probable it is that one is better, that both are equivalent, that the other is better.

With flat priors the posterior of a mean is its t distribution around the estimate: the correlated t of Benavoli, Corani, Demsar
and Zaffalon (2017, Time for a Change: a Tutorial for Comparing Multiple Classifiers Through Bayesian Analysis), where the
estimate is one about other data of the same size. Here seeds and users widen it as they do the interval.
"""

from dataclasses import dataclass

from bench.statistics.estimate import Estimate


@dataclass(frozen=True)
class Posterior:
    """Three probabilities that sum to 1; NaN where the estimate has no interval."""

    above: float
    """That the difference is above the margin."""
    within: float
    """That it is in the region of practical equivalence, from -margin to margin."""
    below: float


def posterior(found: Estimate, margin: float) -> Posterior:
    """The posterior of a difference with its region of practical equivalence.

    >>> import numpy as np
    >>> from bench.statistics.estimate import estimate
    >>> found = posterior(estimate(np.array([0.5, 1.0, 1.5]), np.arange(3)), 0.5)
    >>> round(found.above, 3), round(found.within, 3), round(found.below, 3)
    (0.887, 0.095, 0.018)
    """
    above = found.p_above(margin)
    below = 1 - found.p_above(-margin)
    return Posterior(above, 1 - above - below, below)
