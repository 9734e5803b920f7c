"""Splits and seeds as crossed random effects: what each adds to the variance of a mean, in any design.

A difference in the cell of split i and seed j is mu + split_i + seed_j + rest_ij, each with a variance of its own. Henderson's
Method III gives the mean squares of splits and of seeds, each after the other, for complete and incomplete designs alike
(Searle, Casella and McCulloch 1992, Variance Components, section 5.5). In a complete design of S splits and N seeds the
variance of the mean is (MS_splits + MS_seeds - MS_rest) / SN, which is two-way clustering (Cameron, Gelbach and Miller 2011,
Robust Inference with Multiway Clustering, section 2.2).

A seed is *shared* where it stands in more than one split. One that is not is part of the rest: where each split has seeds of
its own (a nested design) the variance of the mean is that of the splits' means, MS_splits / SN; in one split it is that of
its fits, MS_rest / N. Of a single shared seed beside others its own mean square has one degree of freedom and says next to
nothing; but the rest then holds the variance of the other seeds, so that MS_rest is no less than that of a seed, and takes its
place.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cfce.errors import UserError

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class MeanSquare:
    """One source's mean square, and what it adds to the variance of the mean: ``share * value``."""

    value: float
    freedom: int
    share: float
    """Negative for what two sources would count twice."""

    @property
    def variance(self) -> float:
        """What it adds to the variance of the mean."""
        return self.share * self.value


@dataclass(frozen=True)
class Crossed:
    """A mean over a design and what makes it uncertain."""

    mean: float
    """Of the splits' means; in one split, of its fits."""
    splits: MeanSquare | None
    """None where there is one split."""
    seeds: MeanSquare | None
    """None where no seed is shared, or one alone that no split has beside another, which shows no spread."""
    rest: MeanSquare | None
    """None where every fit is used up by the splits and the seeds."""
    n_splits: int
    n_shared: int
    """Seeds that stand in more than one split."""
    components: tuple[float, float, float]
    """The variance of a fit from its split, its shared seed, and the rest; at least 0."""


@dataclass(frozen=True, eq=False)
class Design:
    """Which fit stands in which split and has which seed, and what follows from that alone."""

    n: int
    n_splits: int
    n_shared: int
    weights: NDArray[np.float64]
    """(n,): what each fit weighs in the mean; each split weighs the same."""
    seed_of: NDArray[np.intp]
    """(n,): the number of each fit's seed."""
    averages: Matrix
    """(n, S): takes fits to the means of their splits."""
    bases: tuple[Matrix, Matrix, Matrix]
    """Orthonormal columns that span splits, the mean and shared seeds, and all of them."""
    traces: tuple[float, float]
    """Of splits after seeds, and of seeds after splits: what a component is multiplied by in the expected sum of squares."""
    shares: tuple[float, float, float]
    """What the component of splits, shared seeds and the rest are multiplied by in the variance of the mean."""

    @property
    def n_seeds(self) -> int:
        """Different seeds, shared or not."""
        return int(self.seed_of.max()) + 1

    @property
    def shows_seeds(self) -> bool:
        """Whether the spread of seeds shows: a single shared one shows it where a split has another seed beside it.

        >>> [design_of(np.array([0, 0, 1, 1]), np.array(seeds)).shows_seeds for seeds in ([0, 1, 0, 2], [0, 0, 0, 0])]
        [True, False]
        """
        if self.n_shared == 1:
            return bool(self.bases[2].shape[1] > self.n_splits)
        return self.n > 1


def design_of(splits: NDArray[np.integer], seeds: NDArray[np.integer] | None = None) -> Design:
    """The design of n fits in ``splits`` (n,) with ``seeds`` (n,); None where seeds make no difference.

    Raises ``UserError`` for no fit, or where the two are not as many.
    """
    if not len(splits) or (seeds is not None and len(seeds) != len(splits)):
        raise UserError(f"{len(splits)} splits and {'no' if seeds is None else len(seeds)} seeds came; give both of each fit")
    of_seeds = np.arange(len(splits)) if seeds is None else np.unique(seeds, return_inverse=True)[1]
    return _design(tuple(np.unique(splits, return_inverse=True)[1].tolist()), tuple(of_seeds.tolist()))


@lru_cache(maxsize=256)
def _design(split_of: tuple[int, ...], seed_of: tuple[int, ...]) -> Design:
    splits, seeds = np.asarray(split_of), np.asarray(seed_of)
    n, n_splits = len(splits), int(splits.max()) + 1
    in_split = (splits[:, None] == np.arange(n_splits)).astype(np.float64)  # (n, S)
    has_seed = (seeds[:, None] == np.arange(seeds.max() + 1)).astype(np.float64)  # (n, N)
    shared = ((has_seed.T @ in_split) > 0).sum(axis=1) > 1
    of_seed = has_seed[:, shared]
    averages = in_split / in_split.sum(axis=0)
    weights = averages.mean(axis=1)
    of_splits = _basis(in_split)
    of_seeds = _basis(np.column_stack([np.ones(n), of_seed]))
    both = _basis(np.column_stack([in_split, of_seed]))
    traces = (_left(in_split, of_seeds), _left(of_seed, of_splits))
    of_split, of_shared, of_fit = (float(np.square(weights @ one).sum()) for one in (in_split, of_seed, np.eye(n)))
    shares = (of_split, of_shared, of_fit)
    return Design(n, n_splits, int(shared.sum()), weights, seeds, averages, (of_splits, of_seeds, both), traces, shares)


def crossed(values: NDArray[np.floating], design: Design) -> Crossed:
    """The mean of n values and the mean squares of its sources.

    >>> effects = np.add.outer([0.0, 3.0], [-1.0, 1.0]).ravel()  # two splits by two seeds, and no rest
    >>> found = crossed(effects, design_of(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])))
    >>> found.mean, [round(one, 6) for one in found.components]
    (1.5, [4.5, 2.0, 0.0])
    >>> round(found.splits.variance, 6), round(found.seeds.variance, 6)  # 4.5 / 2 and 2 / 2
    (2.25, 1.0)
    """
    values = np.asarray(values, dtype=np.float64)
    mean = float(design.weights @ values)
    centred = values - mean
    of_splits, of_seeds, both = (float(np.square(base.T @ centred).sum()) for base in design.bases)
    n_splits, n_seeds, n_both = (base.shape[1] for base in design.bases)
    total = float(centred @ centred)
    rest = _mean_square(total - both, design.n - n_both)
    noise = rest[0] if rest else 0.0
    splits = _mean_square(both - of_seeds, n_both - n_seeds) if design.n_splits > 1 else None
    seeds = _mean_square(both - of_splits, n_both - n_splits) if design.n_shared else None
    split_part, split_component = _part(splits, design.traces[0], design.shares[0], noise)
    seed_part, seed_component = _part(seeds, design.traces[1], design.shares[1], noise)
    left = design.shares[2] - sum(one.share for one in (split_part, seed_part) if one)
    if seed_part and rest and design.n_shared == 1:
        left += seed_part.share
        seed_part = MeanSquare(*rest, design.shares[1])
    rest_part = MeanSquare(*rest, 0.0 if abs(left) < 1e-12 else left) if rest else None
    components = (split_component, seed_component, noise)
    return Crossed(mean, split_part, seed_part, rest_part, design.n_splits, design.n_shared, components)


def _mean_square(sum_of_squares: float, freedom: int) -> tuple[float, int] | None:
    return (max(0.0, sum_of_squares) / freedom, freedom) if freedom > 0 else None


def _part(found: tuple[float, int] | None, trace: float, share: float, noise: float) -> tuple[MeanSquare | None, float]:
    """A source's mean square with its share, and its component: E[MS] = noise + component * trace / freedom."""
    if found is None:
        return None, 0.0
    value, freedom = found
    return MeanSquare(value, freedom, share * freedom / trace), max(0.0, (value - noise) * freedom / trace)


def _basis(columns: Matrix) -> Matrix:
    """Orthonormal columns that span the same space."""
    u, s, _ = np.linalg.svd(columns, full_matrices=False)
    return np.ascontiguousarray(u[:, s > 1e-9 * s[0]])


def _left(columns: Matrix, base: Matrix) -> float:
    """The trace of the columns' squares after what a base explains."""
    return float(np.square(columns).sum() - np.square(base.T @ columns).sum())
