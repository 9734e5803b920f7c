"""Pairs: fits of two configurations that share split and seed: their difference is that of the configurations alone."""

from dataclasses import dataclass

from bench.comparison.choice import Choice, Fit
from bench.comparison.configurations import Configuration
from bench.comparison.seeding import has_seeds, shares_seeds


@dataclass(frozen=True)
class Pair:
    """A fit of each side, on the same split."""

    split: int
    a: Fit
    b: Fit
    seeds: tuple[int, ...] = ()
    """The seed of each side whose seeds repeat in several splits; empty where each split has seeds of its own."""

    @property
    def lost(self) -> bool:
        """Whether a side gave no score."""
        return self.a.lost or self.b.lost


def pair_up(a: Choice, b: Choice, of_a: Configuration, of_b: Configuration) -> list[Pair]:
    """The pairs of two configurations, each fit at its chosen options, by split, then seed; lost fits too.

    The one fit on a split of a side without seeds, such as a baseline or another model's predictions, stands beside every fit of
    the other side there; that of a side with seeds beside the one fit of the same seed, as several differences from it would
    count its seed as often. Fits without a partner are left out.
    """
    sides = [_by_split(choice) for choice in (a, b)]
    seeded = [has_seeds(one) for one in (of_a, of_b)]
    repeated = [has and shares_seeds(one) for has, one in zip(seeded, (of_a, of_b), strict=True)]
    pairs = []
    for split in sorted(sides[0].keys() & sides[1].keys()):
        left, right = sides[0][split], sides[1][split]
        alone = [len(one) == 1 for one in (left, right)]
        if all(alone) or any(one and not has for one, has in zip(alone, seeded, strict=True)):
            fits = [(one, other) for one in left.values() for other in right.values()]
        else:
            fits = [(left[seed], right[seed]) for seed in left if seed in right]
        for both in fits:
            seeds = tuple(fit.seed for fit, repeats in zip(both, repeated, strict=True) if repeats)
            pairs.append(Pair(split, *both, seeds))
    return pairs


def _by_split(choice: Choice) -> dict[int, dict[int, Fit]]:
    found: dict[int, dict[int, Fit]] = {}
    for fit in choice.fits:
        found.setdefault(fit.split, {})[fit.seed] = fit
    return found
