"""A mean difference over splits, seeds and users with its interval, its p-value, and what it generalises to.

Splits, seeds and users are crossed random effects (``crossed``, ``users``), and the interval counts each by its own degrees of
freedom (``sources``). Splits that lie close together by chance, as two may, are no certainty: however close they are, the
interval is at least as wide as sampling other users and other ratings of theirs would make it.

Two claims can be made. About *this data*: what other splits of it, other seeds and other users of the same kind would give. About
*other data of the same size*: splits of one data set share most of their training ratings, so their spread is too small for it;
Nadeau and Bengio (2003, Inference for the Generalization Error, section 3) put 1/S + held out / train in place of 1/S.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.statistics.crossed import Crossed, Design, crossed, design_of
from bench.statistics.sources import Source, Sources, half_width, two_sided_p
from bench.statistics.users import user_variance
from cfce.errors import UserError

CONFIDENCE = 0.95
NOTHING = float("nan")


@dataclass(frozen=True)
class Estimate:
    """A mean difference with what is known of it; interval, p and standard error are NaN where one unit shows no spread."""

    difference: float
    low: float
    high: float
    """Of the 95 % interval."""
    p: float
    """Two-sided, of no difference."""
    se: float
    """The standard error of the mean."""
    freedom: float
    """Satterthwaite's degrees of freedom of ``se``; the interval uses those of each source (see ``sources``)."""
    n: int
    """Units: splits, or fits where there is one split."""
    n_splits: int
    n_fits: int
    n_shared_seeds: int
    """Seeds that stand in several splits; 0 where each split has its own."""
    n_seeds: int
    """Different seeds; as many as fits where each has its own, or none."""
    effective_users: float
    components: Mapping[str, float]
    """Variances: ``splits``, shared ``seeds`` and ``rest`` of a fit; ``users`` of the mean."""
    generalises_to: tuple[str, ...]
    """Of ``'splits'``, ``'seeds'`` and ``'users'``, those whose like the claim is about."""
    sources: Sources
    other_data: bool = False
    """Whether the claim is about other data of the same size."""

    def p_outside(self, margin: float) -> float:
        """The p-value of a difference of ``margin`` or more in either direction: small where they are equivalent.

        Two one-sided tests: Schuirmann (1987). NaN where one unit shows no spread.
        """
        if not np.isfinite(self.se):
            return NOTHING
        return float(max(self.p_above(margin), 1 - self.p_above(-margin)))

    def p_above(self, value: float) -> float:
        """The confidence that the difference is above a value: 1 minus the p-value of the one-sided test of that."""
        if not np.isfinite(self.se):
            return NOTHING
        tail = two_sided_p(abs(self.difference - value), self.sources) / 2
        return tail if self.difference < value else 1 - tail


def estimate(
    differences: NDArray[np.floating],
    splits: NDArray[np.integer],
    seeds: NDArray[np.integer] | None = None,
    replicates: NDArray[np.floating] | None = None,
    effective_users: float = float("inf"),
    held_out_by_train: float | None = None,
    of_choice: float = 0.0,
    n_ratings: int | None = None,
) -> Estimate:
    """The mean of n differences in ``splits`` (n,) with ``seeds`` (n,), and under resampled users ``replicates`` (R, n).

    Fits of different splits share a seed where they have the same number; ``seeds`` is None where nothing is random but the
    split. With ``held_out_by_train``, the ratio of evaluated to trained ratings, the claim is about other data of the same size.
    ``of_choice`` is what choosing options adds to the variance of the mean: the sum of ``CrossFit.variance`` of both sides.
    Where not one of ``n_ratings`` held-out ratings makes a difference, up to 3 in n of others may, by 1 each (the rule of three:
    Hanley and Lippman-Hand 1983, If Nothing Goes Wrong, Is Everything All Right?), and the interval reaches as far.
    Raises ``UserError`` for arrays that do not fit each other, or a claim about other data from one split.

    >>> found = estimate(np.array([1.0, 2.0, 3.0]), np.arange(3))  # three splits and no users: the plain t interval
    >>> round(found.difference, 3), round(found.low, 3), round(found.high, 3), found.freedom
    (2.0, -0.484, 4.484, 2.0)
    """
    design = design_of(splits, seeds)
    _check(differences, replicates, design, held_out_by_train)
    found = crossed(differences, design)
    n = design.n_splits if design.n_splits > 1 else design.n
    scope = _generalises_to(design, seeds is not None, replicates is not None)
    sources = _sources(found, design, replicates, effective_users, held_out_by_train, of_choice)
    if n_ratings and not np.any(differences) and (replicates is None or not np.any(replicates)):
        sources = replace(sources, least=Source((3 / n_ratings / 1.96) ** 2, float("inf")))
    mean, se, half, p = found.mean, NOTHING, NOTHING, NOTHING
    if n > 1:
        se, half, p = float(np.sqrt(sources.variance)), half_width(1 - CONFIDENCE, sources), two_sided_p(abs(mean), sources)
    names = ("splits", "seeds", "rest", "users")
    values = (*found.components, sources.others[0].variance if sources.others else 0.0)
    return Estimate(
        difference=mean,
        low=mean - half,
        high=mean + half,
        p=p,
        se=se,
        freedom=sources.freedom,
        n=n,
        n_splits=design.n_splits,
        n_fits=design.n,
        n_shared_seeds=design.n_shared,
        n_seeds=design.n_seeds,
        effective_users=effective_users,
        components=dict(zip(names, values, strict=True)),
        generalises_to=scope,
        sources=sources,
        other_data=held_out_by_train is not None,
    )


def _sources(
    found: Crossed,
    design: Design,
    replicates: NDArray[np.floating] | None,
    effective: float,
    ratio: float | None,
    of_choice: float,
) -> Sources:
    parts = [Source(of_choice, max(design.n - 1, 1))] if of_choice else []
    if found.splits:
        grow = 1 + design.n_splits * (ratio or 0.0)
        parts.append(Source(found.splits.variance * grow, found.splits.freedom))
    parts += [Source(one.variance, one.freedom) for one in (found.seeds, found.rest) if one and one.share]
    if replicates is None:
        return Sources(tuple(parts))
    users = user_variance(replicates, design, effective)
    freedom = max(effective - 1, 1.0)
    return Sources(tuple(parts), (Source(users.shared, freedom),), Source(users.whole, freedom))


def _generalises_to(design: Design, seeded: bool, has_users: bool) -> tuple[str, ...]:
    splits = design.n_splits > 1
    seeds = seeded and design.shows_seeds
    return tuple(name for name, seen in (("splits", splits), ("seeds", seeds), ("users", has_users)) if seen)


def _check(
    differences: NDArray[np.floating], replicates: NDArray[np.floating] | None, design: Design, ratio: float | None
) -> None:
    if differences.shape != (design.n,) or not np.isfinite(differences).all():
        raise UserError(f"differences of shape {differences.shape} came for {design.n} fits; one finite number a fit is needed")
    if replicates is not None and (replicates.ndim != 2 or replicates.shape[1] != design.n or len(replicates) < 2):
        raise UserError(f"replicates of shape {replicates.shape} came for {design.n} fits; at least two rows of them are needed")
    if ratio is not None and design.n_splits < 2:
        raise UserError("one split came; a claim about other data of the same size needs at least two")
