"""A mean difference over splits, seeds and users with its interval and p-value.

Three things make a difference between two configurations uncertain, and they are crossed random effects:

- **Splits.** Another split would give another difference: seen in the spread of the units (a split's mean; the fits of a
  single split). Units that lie close together by chance, as two may, are no certainty: the sampling of users and ratings
  within a unit is a floor under their spread.
- **Seeds.** Where splits share seeds, the seeds' initial weights repeat, and no mean over splits averages them out. Their
  variance is that of the seeds' means around the splits', less what other noise adds to it (two-way crossed components by
  the method of moments: Searle, Casella and McCulloch 1992, chapter 4). Where each split has seeds of its own, the spread
  of splits holds it already.
- **Users.** The same users are in every split, so this does not shrink with more splits; it is seen in how the units'
  differences move *together* when users are resampled (two-way clustering: Cameron, Gelbach and Miller 2011, Robust
  Inference with Multiway Clustering, section 2.2; Owen 2007, The Pigeonhole Bootstrap).

The variance of the mean is their sum. Each is known from few or many levels, which asks for Student's t with its own degrees
of freedom: the half width is the root of the sum of the squares of the half widths (Howe 1974, Approximate Confidence
Limits on the Mean of X + Y where X and Y are Two Tabled Independent Random Variables), exact where one of them is all there
is, and a little wide between. Degrees of freedom fitted to the sum would be too many where two or three units lie close together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
FEW_SEEDS = 3
"""Up to so many shared seeds nothing is taken off their variance: with few degrees of freedom the rest would often be 0."""
_LEAST_P = 1e-15


@dataclass(frozen=True)
class Source:
    """One source of uncertainty of a mean: the variance that it gives the mean, and the degrees of freedom of that."""

    variance: float
    freedom: float
    floor: float = 0.0
    """A variance that the mean has at least, known from many draws: the half width is no smaller than this alone gives."""


@dataclass(frozen=True)
class Estimate:
    """A mean difference with what is known of it; interval and p are NaN where n is 1."""

    difference: float
    low: float
    high: float
    p: float
    """Two-sided, of no difference."""
    n: int
    """Units: splits, or fits where there is one split."""
    se: float
    """The standard error of the mean: the root of ``spread / n + seeds + users``."""
    spread: float
    """The variance of a unit's difference, between units."""
    users: float
    """The variance of the mean that more units would not take away: other users."""
    seeds: float = 0.0
    """The variance of the mean from seeds that splits share."""
    n_seeds: int = 0
    """How many seeds splits share; 0 where each split has seeds of its own."""
    user_freedom: float = float("inf")
    """Degrees of freedom of ``users``: effective users less 1."""
    sampling: float = 0.0
    """The variance of a unit's difference from the users and ratings that happen to be in it."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources of uncertainty of the mean."""
        return (
            Source(self.spread / self.n, self.n - 1, self.sampling / self.n),
            Source(self.seeds, max(self.n_seeds - 1, 1)),
            Source(self.users, self.user_freedom),
        )

    def p_outside(self, margin: float) -> float:
        """The p-value of a difference of ``margin`` or more in either direction: small where they are equivalent.

        Two one-sided tests: Schuirmann (1987).
        """
        if self.n < 2:
            return float("nan")
        room = margin - abs(self.difference)
        half = two_sided_p(abs(room), self.sources) / 2
        return half if room > 0 else 1 - half


def estimate(
    differences: NDArray[np.float64],
    replicates: NDArray[np.float64],
    splits: NDArray[np.int64] | None = None,
    seeds: NDArray[np.int64] | None = None,
    effective_users: float = float("inf"),
) -> Estimate:
    """The mean of the differences of n fits (n,), given them under resampled users (n_replicates, n).

    ``splits`` and ``seeds`` (n,) say which split and which seed each is of; without them each is a unit of its own. A split's
    fits are averaged to one unit; where there is one split, each fit is a unit.

    >>> found = estimate(np.array([1.0, 2.0, 3.0]), np.zeros((10, 3)))  # without users: the plain t interval
    >>> round(found.difference, 3), round(found.low, 3), round(found.high, 3)
    (2.0, -0.484, 4.484)
    """
    units, unit_replicates = by_unit(differences, replicates, splits)
    n = len(units)
    mean = float(np.mean(units))
    nothing = float("nan")
    if n < 2:
        return Estimate(mean, nothing, nothing, nothing, n, nothing, nothing, nothing)
    users = _shared(unit_replicates)
    sampling = max(0.0, float(np.var(unit_replicates, axis=0, ddof=1).mean()) - users)
    spread = float(np.var(units, ddof=1))
    of_seeds, n_seeds = (0.0, 0) if splits is None or seeds is None else seed_variance(differences, splits, seeds)
    se = float(np.sqrt(spread / n + of_seeds + users))
    freedom = max(effective_users - 1, 1.0)
    found = Estimate(mean, nothing, nothing, nothing, n, se, spread, users, of_seeds, n_seeds, freedom, sampling)
    half = half_width(1 - CONFIDENCE, found.sources)
    return replace(found, low=mean - half, high=mean + half, p=two_sided_p(abs(mean), found.sources))


def by_unit(
    differences: NDArray[np.float64], replicates: NDArray[np.float64], splits: NDArray[np.int64] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The differences of units (u,), and under resampled users (n_replicates, u)."""
    different = np.arange(len(differences)) if splits is None else np.asarray(splits)
    units = np.unique(different)
    if len(units) == 1:
        return differences, replicates
    member = (different == units[:, None]) / (different == units[:, None]).sum(axis=1, keepdims=True)
    return member @ differences, replicates @ member.T


def seed_variance(differences: NDArray[np.float64], splits: NDArray[np.int64], seeds: NDArray[np.int64]) -> tuple[float, int]:
    """The variance that seeds shared by splits give the mean of n differences, and how many are shared; (0, 0) for none.

    One seed that all splits share shows no spread: (0, 1), and nothing can be claimed of other seeds.

    A seed's effect is the mean of its differences from their splits' means; the design need not be complete.

    >>> effect = np.array([-1.0, 1.0, -1.0, 1.0])  # two splits that share two seeds, 2 apart: 2 / 2 = 1
    >>> seed_variance(effect, np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    (1.0, 2)
    >>> seed_variance(effect, np.array([0, 0, 1, 1]), np.array([0, 1, 2, 3]))
    (0.0, 0)
    """
    split_of, seed_of = (np.unique(one, return_inverse=True)[1] for one in (splits, seeds))
    n_splits, n_seeds = split_of.max() + 1, seed_of.max() + 1
    in_splits = np.zeros((n_seeds, n_splits), dtype=bool)
    in_splits[seed_of, split_of] = True
    shared = in_splits.sum(axis=1) > 1
    if n_splits < 2 or not shared.any():
        return 0.0, 0
    if n_seeds < 2:
        return 0.0, 1
    split_means = np.bincount(split_of, differences) / np.bincount(split_of)
    around = differences - split_means[split_of]
    times = np.bincount(seed_of)
    effects = np.bincount(seed_of, around) / times
    left = around - effects[seed_of]
    freedom = max(len(differences) - n_splits - n_seeds + 1, 1)
    noise = float(np.square(left).sum() / freedom)
    taken_off = noise * float(np.mean(1 / times)) if n_seeds > FEW_SEEDS else 0.0
    variance = max(0.0, float(np.var(effects, ddof=1)) - taken_off)
    shares = np.bincount(seed_of, 1 / (n_splits * np.bincount(split_of)[split_of]))  # of each seed in the mean over splits
    return variance * float(np.square(shares).sum()), int(n_seeds)


def half_width(level: float, sources: Sequence[Source]) -> float:
    """How far from no difference a mean must lie to show at a two-sided level.

    >>> round(half_width(0.05, [Source(1.0, 8)]), 3)  # t(8) alone: 2.306 standard errors of 1
    2.306
    """
    from scipy.special import ndtri, stdtrit

    total = 0.0
    normal = float(ndtri(level / 2)) ** 2  # of the lower tail: a small level keeps its digits
    for one in sources:
        reach = float(stdtrit(one.freedom, level / 2)) ** 2 if np.isfinite(one.freedom) else normal
        total += max(reach * one.variance, normal * one.floor) if one.variance or one.floor else 0.0
    return float(np.sqrt(total))


def two_sided_p(distance: float, sources: Sequence[Source]) -> float:
    """The level at which ``half_width`` is ``distance``: the p-value of a mean that far from no difference."""
    from scipy.optimize import brentq

    if distance == 0:
        return 1.0
    if half_width(_LEAST_P, sources) <= distance:
        return _LEAST_P if any(one.variance or one.floor for one in sources) else 0.0

    def surplus(log_p: float) -> float:
        return half_width(np.exp(log_p), sources) - distance

    return float(np.exp(brentq(surplus, np.log(_LEAST_P), 0.0, xtol=1e-10)))


def effective_users(counts: NDArray[np.float64]) -> float:
    """As how many users with equally many ratings those with ``counts`` (users,) ratings weigh: (sum c)^2 / sum c^2.

    Kish, Survey Sampling (1965), section 11.2.

    >>> effective_users(np.array([10.0, 10.0])), round(effective_users(np.array([96.0, 1, 1, 1, 1])), 2)
    (2.0, 1.08)
    """
    total = float(np.square(counts).sum())
    return float(counts.sum()) ** 2 / total if total else 0.0


def _shared(replicates: NDArray[np.float64]) -> float:
    """The mean covariance of two units under resampled users, 0 or above: the variance that all of them share."""
    n = replicates.shape[1]
    centred = replicates - replicates.mean(axis=0)
    of_mean = np.square(centred.mean(axis=1)).sum() / (len(centred) - 1)  # the mean of all entries of the covariance
    of_one = np.square(centred).sum() / (len(centred) - 1) / n  # the mean of its diagonal
    return max(0.0, float((n * of_mean - of_one) / (n - 1)))


def overlap_p(differences: NDArray[np.float64], held_out_by_train: float) -> float:
    """The p-value of no difference for other ratings of the same kind, corrected for splits that share training ratings.

    Nadeau and Bengio (2003), Inference for the Generalization Error, section 3: 1/n becomes 1/n + held out / train.
    NaN for fewer than two splits.
    """
    from scipy import stats

    n = len(differences)
    if n < 2:
        return float("nan")
    se = float(np.sqrt((1 / n + held_out_by_train) * np.var(differences, ddof=1)))
    mean = float(np.mean(differences))
    return float(2 * stats.t.sf(abs(mean) / se, n - 1)) if se else float(mean == 0)


def ranks_p(differences: NDArray[np.float64]) -> float:
    """The p-value of Wilcoxon's signed ranks, which does not ask for normal differences.

    With n units it is never below 2 / 2^n. NaN for fewer than two.
    """
    from scipy import stats

    if len(differences) < 2:
        return float("nan")
    if not np.any(differences):
        return 1.0
    return float(stats.wilcoxon(differences).pvalue)
