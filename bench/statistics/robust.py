"""Scores that a heavy tail does not move, beside the mean: the interquartile mean, and the probability of improvement.

Agarwal, Schwarzer, Castro, Courville and Bellemare (2021), Deep Reinforcement Learning at the Edge of the Statistical Precipice,
section 4: the mean of the middle half of the trainings, and how often a training of one side beats one of the other. Intervals
are from a bootstrap over splits, and over seeds where splits share them (Owen 2007, The Pigeonhole Bootstrap); in one split over
its fits. Percentiles of few units are too narrow by the factor of a normal quantile with the plug-in spread over Student's t, so
they are taken further out by it (Hesterberg 2015, What Teachers Should Know About the Bootstrap: expanded percentiles).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.statistics.crossed import Design, design_of
from bench.statistics.pigeonhole import pigeonhole_weights
from bench.statistics.sources import reach

N_DRAWS = 2000


@dataclass(frozen=True)
class Robust:
    """A value with its 95 % interval, NaN where one unit shows no spread; n units."""

    value: float
    low: float
    high: float
    n: int


def interquartile_mean(scores: NDArray[np.floating], weights: NDArray[np.floating] | None = None) -> NDArray[np.float64]:
    """The mean of the middle half of n scores (n,), under weights (..., n).

    >>> float(interquartile_mean(np.array([1.0, 2.0, 3.0, 100.0])))
    2.5
    """
    order = np.argsort(scores)
    weights = np.ones(len(scores)) if weights is None else np.asarray(weights, dtype=np.float64)
    ordered = weights[..., order] / weights.sum(axis=-1, keepdims=True)
    to = np.cumsum(ordered, axis=-1)
    middle = np.minimum(to, 0.75) - np.maximum(to - ordered, 0.25)  # of each score's share, what lies in the middle half
    return np.asarray(np.maximum(middle, 0.0) @ np.asarray(scores, dtype=np.float64)[order] * 2)


def interquartile_difference(
    a: NDArray[np.floating],
    b: NDArray[np.floating],
    splits: NDArray[np.integer],
    seeds: NDArray[np.integer] | None,
    rng: np.random.Generator,
) -> Robust:
    """The interquartile mean of a minus that of b, paired scores (n,) of the same splits and seeds.

    Scores are taken around the mean of both sides' splits: a split that is hard for both is no tail.
    """
    design = design_of(splits, seeds)
    level = _split_means((a + b) / 2, design)
    return _bootstrapped(lambda w: interquartile_mean(a - level, w) - interquartile_mean(b - level, w), design, rng)


def probability_of_improvement(
    a: NDArray[np.floating],
    b: NDArray[np.floating],
    splits: NDArray[np.integer],
    seeds: NDArray[np.integer] | None,
    rng: np.random.Generator,
    higher_is_better: bool = False,
) -> Robust:
    """How probable it is that a training of a is better than one of b on the same split, of scores (n,) each.

    Every training of a is held against every one of b in its split (Mann and Whitney 1947); equal ones count half. Where all
    n units agree, no resample differs, and the interval is the exact one of n in n (Clopper and Pearson 1934).

    >>> rng = np.random.default_rng(0)
    >>> a, b = np.array([1.0, 2.0, 9.0]), np.array([3.0, 4.0, 5.0])
    >>> round(probability_of_improvement(a, b, np.zeros(3, dtype=int), None, rng).value, 3)  # 6 of 9
    0.667
    """
    design = design_of(splits, seeds)
    sign = 1.0 if higher_is_better else -1.0
    ahead = sign * (a[:, None] - b)
    same = (design.averages @ design.averages.T) > 0
    wins = np.where(same, (ahead > 0) + 0.5 * (ahead == 0), 0.0)

    def share(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        won = np.einsum("...i,ij,...j->...", weights, wins, weights, optimize=True)
        return np.asarray(won / np.einsum("...i,ij,...j->...", weights, same.astype(float), weights, optimize=True))

    found = _bootstrapped(share, design, rng, 0.0, 1.0)
    exact = 0.025 ** (1 / found.n)
    if found.value == 1.0 and found.n > 1:
        return replace(found, low=exact)
    return replace(found, high=1 - exact) if found.value == 0.0 and found.n > 1 else found


def _bootstrapped(
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    design: Design,
    rng: np.random.Generator,
    least: float = -np.inf,
    most: float = np.inf,
) -> Robust:
    n = design.n_splits if design.n_splits > 1 else design.n
    n = min(n, design.n_shared) if design.n_shared else n
    value = float(statistic(np.ones(design.n)))
    if n < 2:
        return Robust(value, float("nan"), float("nan"), n)
    draws = statistic(pigeonhole_weights(design, N_DRAWS, rng))
    draws = draws[np.isfinite(draws)]
    from scipy.special import ndtr

    tail = float(ndtr(-np.sqrt(n / (n - 1)) * reach(0.05, n - 1)))
    low, high = np.quantile(draws, [tail, 1 - tail])
    return Robust(value, max(float(low), least), min(float(high), most), n)


def _split_means(values: NDArray[np.floating], design: Design) -> NDArray[np.float64]:
    """The mean of each fit's split, (n,)."""
    return np.asarray((design.averages > 0) @ (values @ design.averages))
