"""Wilcoxon's signed ranks: a test that does not ask for normal differences."""

import numpy as np
from numpy.typing import NDArray


def ranks_p(differences: NDArray[np.floating]) -> float:
    """The two-sided p-value of no difference, of n independent units (n,); never below 2 / 2^n. NaN for fewer than two.

    Wilcoxon (1945), Individual Comparisons by Ranking Methods.

    >>> ranks_p(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))  # 2 / 2^5
    0.0625
    """
    from scipy import stats

    if len(differences) < 2:
        return float("nan")
    if not np.any(differences):
        return 1.0
    return float(stats.wilcoxon(differences).pvalue)
