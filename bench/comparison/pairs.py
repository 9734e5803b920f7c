"""Pairs: trials of two configurations that share split and seed: their difference is that of the configurations alone."""

from dataclasses import dataclass

from bench.comparison.choice import Choice, trials_at
from bench.comparison.metric import Metric
from bench.comparison.scores import StudyScores


@dataclass(frozen=True)
class Pair:
    """A trial of each side, on the same split."""

    split: int
    a: str
    b: str
    seeds: tuple[int, ...] = ()
    """The seed of each side whose seeds repeat in several splits; empty where each split has seeds of its own."""


Draws = dict[int, dict[tuple[int, int], str]]
"""Split to (seed, order) to trial id."""


def pair_up(scores: StudyScores, a: Choice, b: Choice, metric: Metric) -> list[Pair]:
    """The pairs of two configurations at their chosen learning rates, by split, then seed and order.

    Where one side has a single trial on a split, such as a baseline that has no seed or another model's predictions, it
    stands beside every trial of the other side there. Trials without a partner are left out.
    """
    sides = [_by_split(scores, choice, metric) for choice in (a, b)]
    repeated = [_repeats_seeds(side) for side in sides]
    pairs = []
    for split in sorted(sides[0].keys() & sides[1].keys()):
        left, right = sides[0][split], sides[1][split]
        if len(left) == 1 or len(right) == 1:
            draws = [(one, other) for one in left for other in right]
        else:
            draws = [(draw, draw) for draw in left if draw in right]
        for draw in draws:
            seeds = tuple(one[0] for one, repeats in zip(draw, repeated, strict=True) if repeats)
            pairs.append(Pair(split, left[draw[0]], right[draw[1]], seeds))
    return pairs


def _repeats_seeds(side: Draws) -> bool:
    """Whether a seed stands in more than one split."""
    seeds = [seed for draws in side.values() for seed in {seed for seed, _ in draws}]
    return len(set(seeds)) < len(seeds)


def _by_split(scores: StudyScores, choice: Choice, metric: Metric) -> Draws:
    configuration = scores.configuration(choice.configuration)
    wanted = set(trials_at(scores, configuration, choice.learning_rate, metric))
    found: Draws = {}
    for record in configuration.trials[choice.learning_rate]:
        if record.trial_id in wanted:
            trial = record.trial
            found.setdefault(trial.split, {})[trial.seed, trial.order] = record.trial_id
    return found
