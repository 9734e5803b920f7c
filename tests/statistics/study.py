"""Studies drawn from a bank, judged by the whole procedure: choice of rates, differences, intervals, Holm, verdicts.

The bank is the population: splits, seeds and users are drawn from it with replacement, so that its means are the truth.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.statistics.crossfit import cross_fit
from bench.statistics.estimate import Estimate, estimate
from bench.statistics.users import effective_users
from tests.statistics.bank import SCORES, Bank

HIGHER = tuple(name == "accuracy" for name in SCORES)


@dataclass(frozen=True)
class Layout:
    """How many splits with how many seeds each; crossed where all splits have the same seeds."""

    n_splits: int
    n_seeds: int
    crossed: bool

    def __str__(self) -> str:
        return f"{self.n_splits} × {self.n_seeds} {'crossed' if self.crossed else 'nested'}"


LAYOUTS = tuple(
    Layout(splits, seeds, crossed)
    for splits, seeds in ((5, 1), (10, 1), (1, 5), (1, 20), (5, 2), (10, 10))
    for crossed in (False, True)
    if splits > 1 or not crossed  # in one split there is nothing to cross
)


@dataclass(frozen=True, eq=False)
class Users:
    """Users drawn from the bank, and the draws of users that a study makes of them."""

    drawn: NDArray[np.float64]
    """(U,): how often each was drawn."""
    replicates: NDArray[np.float64]
    """(R, U)."""

    @classmethod
    def draw(cls, n: int, n_replicates: int, rng: np.random.Generator) -> "Users":
        drawn = rng.multinomial(n, np.full(n, 1 / n))
        return cls(drawn.astype(np.float64), rng.multinomial(n, drawn / n, size=n_replicates).astype(np.float64))


@dataclass(frozen=True, eq=False)
class Side:
    """One configuration of a study: (options, fits, scores) on valid and test, and under resampled users."""

    valid: NDArray[np.float64]
    test: NDArray[np.float64]
    replicates: NDArray[np.float64]
    """(options, R, fits, scores)."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Which fits a study has."""

    splits: NDArray[np.int64]
    """(n,): number in the study; the same split of the bank, drawn twice, is two."""
    seeds: NDArray[np.int64]
    of_bank: NDArray[np.int64]
    """(n,): the split of the bank."""

    @classmethod
    def of(cls, layout: Layout, bank_splits: NDArray[np.int64]) -> "Cells":
        splits = np.repeat(np.arange(layout.n_splits), layout.n_seeds)
        seeds = np.tile(np.arange(layout.n_seeds), layout.n_splits) if layout.crossed else np.arange(len(splits))
        return cls(splits, seeds, bank_splits[splits])


def side_of(bank: Bank, rates: tuple[int, ...], cells: Cells, users: Users, rng: np.random.Generator) -> Side:
    """A configuration whose seeds are drawn from the bank."""
    seeds = rng.integers(0, bank.valid.shape[2], cells.seeds.max() + 1)[cells.seeds]
    chosen = np.array(rates)
    weights = np.vstack([users.drawn, users.replicates])
    of_bank, at = np.unique(cells.of_bank, return_inverse=True)
    rated = (weights @ bank.counts[of_bank].T)[:, at]  # (1 + R, n)
    scores = []
    for metric in range(len(SCORES)):
        sums = bank.sums[chosen[:, None], metric, cells.of_bank, seeds]  # (options, n, U)
        scores.append(bank.score(metric, np.einsum("ru,onu->orn", weights, sums, optimize=True) / rated))
    found = np.stack(scores, axis=-1)
    return Side(bank.valid[chosen[:, None], cells.of_bank, seeds], found[:, 0], found[:, 1:])


@dataclass(frozen=True, eq=False)
class Compared:
    """What the procedure makes of two sides, by score."""

    found: tuple[Estimate, ...]
    chosen: tuple[NDArray[np.intp], NDArray[np.intp]]
    """(scores, fits) of each side."""


def compare(a: Side, b: Side, cells: Cells, users: Users, bank: Bank) -> Compared:
    """The whole procedure on two sides."""
    effective = effective_users(users.drawn @ np.diag(bank.counts[np.unique(cells.of_bank)].mean(axis=0)))
    found, chosen = [], ([], [])
    for metric in range(len(SCORES)):
        values, replicates = [], []
        for at, side in enumerate((a, b)):
            fit = cross_fit(side.valid[..., metric], side.test[..., metric], cells.splits, cells.seeds, HIGHER[metric])
            chosen[at].append(fit.chosen)
            values.append(fit.scores)
            replicates.append(side.replicates[fit.chosen, :, np.arange(len(cells.splits)), metric].T)
        difference, moves = values[0] - values[1], replicates[0] - replicates[1]
        found.append(estimate(difference, cells.splits, cells.seeds, moves, effective))
    return Compared(tuple(found), (np.array(chosen[0]), np.array(chosen[1])))
