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

    Where one side has a single fit on a split, such as a baseline that has no seed or another model's predictions, it
    stands beside every fit of the other side there. Fits without a partner are left out.
    """
    sides = [_by_split(choice) for choice in (a, b)]
    repeated = [has_seeds(one) and shares_seeds(one) for one in (of_a, of_b)]
    pairs = []
    for split in sorted(sides[0].keys() & sides[1].keys()):
        left, right = sides[0][split], sides[1][split]
        if len(left) == 1 or len(right) == 1:
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
