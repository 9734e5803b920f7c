"""What a claim generalises to, in words: never more than the design behind it shows."""

from bench.statistics import Estimate
from cfce.text import listed


def generalises_to(found: Estimate, has_seeds: bool) -> str:
    """The populations that a claim is about; ``has_seeds`` says whether seeds change the fits at all.

    >>> import numpy as np
    >>> from bench.statistics import estimate
    >>> values, moves = np.arange(4.0), np.ones((2, 4)).cumsum(axis=0)
    >>> generalises_to(estimate(values, np.arange(4), np.arange(4), moves), has_seeds=True)
    'other splits, seeds and users'
    >>> generalises_to(estimate(values, np.arange(4), np.zeros(4), moves), has_seeds=True)
    'other splits and users, with this seed'
    >>> generalises_to(estimate(values, np.zeros(4), np.arange(4), moves), has_seeds=True)
    'other seeds and users, on this split'
    """
    said = [f"other {listed(found.generalises_to)}"]
    fixed = [] if found.n_splits > 1 else ["on this split"]
    if has_seeds and "seeds" not in found.generalises_to:
        fixed.append("with this seed")
    return ", ".join([*said, " and ".join(fixed)] if fixed else said)
