"""Wilcoxon's signed ranks: a test that does not ask for normal differences."""

import numpy as np
from numpy.typing import NDArray

EXACT, EXACT_WITH_TIES = 50, 13
"""Units up to which the p-value is exact where all differences differ in size and none is 0; and where they do not."""


def ranks_p(differences: NDArray[np.floating]) -> float:
    """The two-sided p-value of no difference, of n independent units (n,); never below 2 / 2^n. NaN for fewer than two.

    Wilcoxon (1945), Individual Comparisons by Ranking Methods. Differences of 0 are left out; sizes that are alike share
    the mean of their ranks.

    >>> ranks_p(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))  # 2 / 2^5
    0.0625
    """
    n = len(differences)
    if n < 2:
        return float("nan")
    if not np.any(differences):
        return 1.0
    apart = len(np.unique(np.abs(differences))) == n and np.all(differences)
    if n <= (EXACT if apart else EXACT_WITH_TIES):
        return _exact(differences[differences != 0])
    from scipy import stats  # a third of a second of imports, which few units do not need

    return float(stats.wilcoxon(differences).pvalue)


def _exact(differences: NDArray[np.floating]) -> float:
    """The p-value from how many of the 2^n patterns of signs give each sum of ranks; no difference is 0."""
    _, place, alike = np.unique(np.abs(differences), return_inverse=True, return_counts=True)
    ranks = (2 * np.cumsum(alike) - alike + 1)[place]  # doubled, so that mean ranks are whole numbers
    patterns = np.zeros(int(ranks.sum()) + 1)  # by sum: whole numbers up to 2^n, exact in a float64
    patterns[0] = 1
    for rank in ranks:
        patterns[rank:] += patterns[:-rank].copy()
    above = int(ranks[differences > 0].sum())
    least = min(above, len(patterns) - 1 - above)
    return float(min(1.0, 2 * patterns[: least + 1].sum() / 2.0 ** len(differences)))
