"""Whether chains agree."""

import numpy as np
from numpy.typing import ArrayLike


def split_r_hat(draws: ArrayLike) -> float:
    """The potential scale reduction of a quantity over chains, (chains, draws), each split into halves; near 1 where they agree.

    Gelman et al., Bayesian Data Analysis (2013), section 11.4. NaN for fewer than 4 draws a chain.

    >>> round(split_r_hat([[0, 1, 0, 1], [2, 3, 2, 3]]), 4)  # within 1/2, variance of the means 4/3: (1/4 + 4/3) / (1/2)
    1.7795
    """
    draws = np.asarray(draws, dtype=np.float64)
    half = draws.shape[1] // 2
    if half < 2:
        return float("nan")
    halves = np.concatenate([draws[:, :half], draws[:, -half:]])
    within = halves.var(axis=1, ddof=1).mean()
    between = halves.mean(axis=1).var(ddof=1)
    if within == 0:
        return 1.0 if between == 0 else float("inf")
    return float(np.sqrt((half - 1) / half + between / within))
