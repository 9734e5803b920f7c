"""The best score to expect of a budget: what a search of n settings finds, as a curve over n.

Sources: Dodge et al., Show Your Work (2019), for the curve; Tang et al., Showing Your Work Doesn't Always Work (2020), for the
unbiased
form, which draws without replacement.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

N_REPLICATES = 2_000


@dataclass(frozen=True, eq=False)
class Curve:
    """The expected best loss of 1 to N settings, with the ends of its 95 % interval; each (N,)."""

    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    replicates: NDArray[np.float64]
    """Under resampled settings, (R, N)."""


def expected_best(losses: NDArray[np.floating]) -> NDArray[np.float64]:
    """The mean least loss of n settings drawn without replacement from N, for n = 1..N: (..., N) from losses (..., N).

    It is the mean over all subsets of n, so it is unbiased for n further settings of the same kind. Of sorted losses, the i-th is
    the least of a subset with probability C(N - i, n - 1) / C(N, n).

    >>> expected_best(np.array([3.0, 1.0, 2.0])).round(4).tolist()  # of two: 1, 1 or 2
    [2.0, 1.3333, 1.0]
    """
    losses = np.sort(np.asarray(losses, dtype=np.float64), axis=-1)
    return np.asarray(losses @ _weights(losses.shape[-1]))


def expected_best_curve(losses: NDArray[np.floating], seed: int = 0) -> Curve:
    """The curve of N losses, with percentile intervals from a bootstrap over the settings.

    A loss that is not finite, of a lost training, counts as the greatest finite one. Near n = N the interval is too narrow: no
    resample holds a setting that is better than the best.
    """
    losses = np.asarray(losses, dtype=np.float64)
    finite = np.isfinite(losses)
    losses = np.where(finite, losses, losses[finite].max() if finite.any() else np.nan)
    rng = np.random.default_rng(seed)
    replicates = expected_best(losses[rng.integers(0, len(losses), (N_REPLICATES, len(losses)))])
    low, high = np.quantile(replicates, [0.025, 0.975], axis=0)
    return Curve(expected_best(losses), low, high, replicates)


def _weights(n: int) -> NDArray[np.float64]:
    """Column m: the probability that each of n sorted losses is the least of m + 1 drawn without replacement, (n, n).

    Row by row: C(n - i - 1, m) / C(n - i, m) is (n - i - m) / (n - i), so no factorial is needed.
    """
    weights = np.zeros((n, n))
    drawn = np.arange(1, n + 1)
    left = np.ones(n)  # the probability that none of the losses so far is among those drawn
    for i in range(n):
        weights[i] = left * np.minimum(1, drawn / (n - i))
        left = left - weights[i]
    return weights
