"""The arrays that a pair of configurations gives the statistics: scores of both sides, and what they are under other users."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.comparison.choice import Choice, Fit
from bench.comparison.pairs import Pair, pair_up
from bench.comparison.scores import StudyScores
from bench.comparison.seeding import has_seeds
from bench.comparison.user_bootstrap import UserBootstrap
from bench.statistics import effective_users, imputed
from cfce.metrics import Metric

REFERENCE = "constant"
"""What a lost training scores as: it needs no training, so it is there where a training is lost."""


@dataclass(frozen=True, eq=False)
class Differences:
    """n pairs of fits: one row of a table of verdicts before it is judged."""

    splits: NDArray[np.int64]
    """(n,)."""
    seeds: NDArray[np.int64] | None
    """(n,): the same number where fits of several splits share a seed; None where neither side has one."""
    a: NDArray[np.float64]
    """(n,): scores on the evaluation part."""
    b: NDArray[np.float64]
    replicates: NDArray[np.float64]
    """(R, n): a minus b under resampled users."""
    effective_users: float

    @property
    def values(self) -> NDArray[np.float64]:
        """(n,): a minus b."""
        return self.a - self.b


def differences(scores: StudyScores, metric: Metric, a: Choice, b: Choice, bootstrap: UserBootstrap) -> Differences | None:
    """The pairs of two configurations in which neither training was lost; None where there is none."""
    return _of(scores, metric, [pair for pair in _pairs(scores, a, b) if not pair.lost], (a, b), bootstrap)


def imputed_differences(
    scores: StudyScores, metric: Metric, a: Choice, b: Choice, bootstrap: UserBootstrap
) -> Differences | None:
    """All pairs, each lost training scored as the constant prediction of its split; None where none was lost, or one lacks."""
    pairs = _pairs(scores, a, b)
    constants = _constants(scores, metric)
    if not any(pair.lost for pair in pairs) or not {pair.split for pair in pairs} <= constants.keys():
        return None
    return _of(scores, metric, pairs, (a, b), bootstrap, constants)


def _pairs(scores: StudyScores, a: Choice, b: Choice) -> list[Pair]:
    return pair_up(a, b, scores.configuration(a.configuration), scores.configuration(b.configuration))


def _constants(scores: StudyScores, metric: Metric) -> dict[int, Fit]:
    """The constant prediction of each split, as a fit."""
    part = scores.study.evaluation_part
    found: dict[int, Fit] = {}
    for configuration in scores.configurations.values():
        for record in configuration.records if configuration.variant == REFERENCE else ():
            score = scores.score(record.trial_id, part, metric.name)
            if np.isfinite(score):
                ids = (record.trial_id,)
                found.setdefault(record.trial.split, Fit(record.trial.split, 0, float("nan"), ids, float("nan"), score))
    return found


def _of(
    scores: StudyScores,
    metric: Metric,
    pairs: Sequence[Pair],
    choices: tuple[Choice, Choice],
    bootstrap: UserBootstrap,
    constants: dict[int, Fit] | None = None,
) -> Differences | None:
    if not pairs:
        return None
    values: list[NDArray[np.float64]] = []
    moves = []
    for fits in ([pair.a for pair in pairs], [pair.b for pair in pairs]):
        score = np.array([fit.score for fit in fits])
        there = [constants[fit.split] if constants and fit.lost else fit for fit in fits]
        values.append(imputed(score, np.array([fit.score for fit in there])))
        moves.append(_replicates(metric, there, bootstrap))
    splits = np.array([pair.split for pair in pairs])
    seeded = any(has_seeds(scores.configuration(choice.configuration)) for choice in choices)
    users = effective_users(scores.user_counts(set(splits.tolist())))
    seeds = _seed_numbers(pairs) if seeded else None
    return Differences(splits, seeds, values[0], values[1], moves[0] - moves[1], users)


def _replicates(metric: Metric, fits: Sequence[Fit], bootstrap: UserBootstrap) -> NDArray[np.float64]:
    """The scores of fits under resampled users, (R, n): each the mean over its orders."""
    drawn = bootstrap.replicates(metric, [(fit.split, one) for fit in fits for one in fit.trials])
    if drawn.shape[1] == len(fits):
        return drawn
    starts = np.cumsum([0, *(len(fit.trials) for fit in fits[:-1])])
    return np.asarray(np.add.reduceat(drawn, starts, axis=1) / [len(fit.trials) for fit in fits])


def _seed_numbers(pairs: Sequence[Pair]) -> NDArray[np.int64]:
    """A number for the seeds of each pair: the same where seeds repeat in several splits, else each its own."""
    numbers: dict[object, int] = {}
    keys = [pair.seeds or (pair.split, pair.a.seed, pair.b.seed) for pair in pairs]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys])
