"""Studies drawn from a bank, and the whole procedure on them: choice of rates, differences, intervals, Holm, verdicts.

The bank is the population: splits, seeds and users are drawn from it with replacement, so that its means are the truth.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.statistics.crossfit import cross_fit
from bench.statistics.decide import caveats_of, decide, withheld_for
from bench.statistics.estimate import Estimate, estimate
from bench.statistics.families import holm
from bench.statistics.tail import tails_of
from bench.statistics.users import effective_users
from proofs.bank import SCORES, Bank

HIGHER = tuple(name == "accuracy" for name in SCORES)


@dataclass(frozen=True)
class Layout:
    """How many splits with how many seeds each; crossed where all splits have the same seeds."""

    n_splits: int
    n_seeds: int
    crossed: bool

    def __str__(self) -> str:
        return f"{self.n_splits} × {self.n_seeds}" + ("" if self.n_splits == 1 else " crossed" if self.crossed else " nested")

    @property
    def units(self) -> int:
        """The fewest levels of a source: splits or shared seeds; seeds in one split."""
        seeds = [self.n_seeds] if self.crossed or self.n_splits == 1 else []
        return min([self.n_splits, *seeds] if self.n_splits > 1 else seeds)


LAYOUTS = tuple(
    Layout(splits, seeds, crossed)
    for splits, seeds in ((5, 1), (10, 1), (1, 5), (1, 20), (5, 2), (10, 10))
    for crossed in (False, True)
    if splits > 1 or not crossed  # in one split there is nothing to cross
)


class Population:
    """A bank seen through users that are drawn from it: ``scores[draw]`` is (rates, scores, splits, seeds, 1 + replicates)."""

    def __init__(self, bank: Bank, rng: np.random.Generator, n_draws: int = 8, n_replicates: int = 200) -> None:
        self.bank = bank
        n = bank.counts.shape[1]
        self.scores, self.effective = [], []
        for _ in range(n_draws):
            drawn = rng.multinomial(n, np.full(n, 1 / n))
            weights = np.vstack([drawn, rng.multinomial(n, drawn / n, size=n_replicates)]).astype(np.float32)
            rated = (bank.counts.astype(np.float32) @ weights.T)[:, None]  # (S, 1, 1 + R)
            per_score = [bank.score(metric, (bank.sums[:, metric] @ weights.T) / rated) for metric in range(len(SCORES))]
            self.scores.append(np.stack(per_score, axis=1))
            self.effective.append(effective_users(drawn * bank.counts.mean(axis=0)))
        every = [bank.score(metric, bank.sums[:, metric].sum(-1) / bank.counts.sum(-1)[:, None]) for metric in range(len(SCORES))]
        self.truth = np.stack(every, axis=1)
        """(rates, scores, splits, seeds): with each user of the bank once."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Which fits a study has, and where the bank has them."""

    layout: Layout
    splits: NDArray[np.int64]
    """(n,): number in the study; the same split of the bank, drawn twice, is two."""
    seeds: NDArray[np.int64]
    of_bank: NDArray[np.int64]
    """(n,): the split of the bank."""
    draw: int
    """Which draw of users."""

    @classmethod
    def drawn(cls, layout: Layout, population: Population, rng: np.random.Generator) -> "Cells":
        splits = np.repeat(np.arange(layout.n_splits), layout.n_seeds)
        seeds = np.tile(np.arange(layout.n_seeds), layout.n_splits) if layout.crossed else np.arange(len(splits))
        of_bank = rng.integers(0, population.bank.valid.shape[1], layout.n_splits)
        return cls(layout, splits, seeds, of_bank[splits], int(rng.integers(len(population.scores))))


@dataclass(frozen=True, eq=False)
class Side:
    """One configuration of a study."""

    valid: NDArray[np.float64]
    """(options, n, scores)."""
    scores: NDArray[np.float32]
    """(options, n, scores, 1 + R): on test, with the study's users and under their resamples."""
    truth: NDArray[np.float64]
    """(options, scores): the mean that the study estimates; of its split where it has one, of its seed where it has one."""
    truth_here: NDArray[np.float64]
    """The same with the study's users."""


def side_of(population: Population, rates: tuple[int, ...], cells: Cells, rng: np.random.Generator) -> Side:
    """A configuration of rates of the bank (by number), whose seeds are drawn from it."""
    seeds = rng.integers(0, population.bank.valid.shape[2], cells.seeds.max() + 1)
    chosen, of_fit = np.array(rates)[:, None], seeds[cells.seeds]
    scores = population.scores[cells.draw].transpose(0, 2, 3, 1, 4)[chosen, cells.of_bank, of_fit]
    truths = []
    for every in (population.truth, population.scores[cells.draw][..., 0].astype(np.float64)):
        truth = every[list(rates)]
        truth = truth[:, :, cells.of_bank[:1]] if cells.layout.n_splits == 1 else truth
        truths.append((truth[..., seeds] if len(seeds) == 1 else truth).mean(axis=(2, 3)))
    return Side(population.bank.valid[chosen, cells.of_bank, of_fit], scores, *truths)


@dataclass(frozen=True, eq=False)
class Judged:
    """What the procedure makes of two sides, by score."""

    found: tuple[Estimate, ...]
    truth: NDArray[np.float64]
    """(scores,): the true difference of the options that were chosen."""
    verdicts: tuple[str, ...]
    caveats: frozenset[str]
    optimism: NDArray[np.float64]
    """(2, scores): how much better side a looks than its options are; cross-fitted, and chosen by all fits together."""

    @property
    def covered(self) -> NDArray[np.bool_]:
        """(scores,)."""
        return np.array([one.low <= truth <= one.high for one, truth in zip(self.found, self.truth, strict=True)])


def judge(a: Side, b: Side, cells: Cells, effective: float, rng: np.random.Generator, tailed: bool = True) -> Judged:
    """The whole procedure on two sides: a table of every score, corrected by Holm; tails are looked for where ``tailed``."""
    found, truth, optimism, tails = [], [], [], []
    fits = np.arange(len(cells.splits))
    for metric, higher in enumerate(HIGHER):
        values, true, of_choice = [], [], 0.0
        for side in (a, b):
            test = side.scores[..., metric, 0].astype(np.float64)
            fit = cross_fit(side.valid[..., metric], test, cells.splits, cells.seeds, rng, higher)
            of_choice += fit.variance
            values.append(side.scores[fit.chosen, fits, metric])
            true.append(side.truth[fit.chosen, metric].mean())
            tails += tails_of(test, cells.splits, fit.shares, range(len(test) if tailed else 0)).values()
            if side is a:
                sign = 1 if higher else -1
                here = side.truth_here[:, metric]
                naive = test[fit.overall].mean() - here[fit.overall]
                optimism.append((sign * (fit.scores.mean() - here[fit.chosen].mean()), sign * naive))
        difference = (values[0] - values[1]).astype(np.float64)
        moves = difference[:, 1:].T
        found.append(estimate(difference[:, 0], cells.splits, cells.seeds, moves, effective, None, of_choice))
        truth.append(true[0] - true[1])
    p = holm([one.p for one in found])
    withheld = bool(withheld_for(found[0]))
    verdicts = [decide(one, q, 1.0, None, higher, withheld) for one, q, higher in zip(found, p, HIGHER, strict=True)]
    return Judged(tuple(found), np.array(truth), tuple(verdicts), frozenset(caveats_of(found[0], tails)), np.array(optimism).T)
