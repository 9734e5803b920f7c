"""Choosing options on valid, each fit's by the other fits, and what the choice costs on the part that claims are made on."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.comparison.configurations import Configuration
from bench.comparison.scores import StudyScores
from bench.comparison.seeding import has_seeds
from bench.statistics import CrossFit, Tail, cross_fit, edge_of, tails_of
from cfce.errors import UserError
from cfce.metrics import Metric
from cfce.seeds import stream


@dataclass(frozen=True)
class Fit:
    """A fit of a configuration: a split and a seed, at the option that the other fits chose for it."""

    split: int
    seed: int
    learning_rate: float
    trials: tuple[str, ...]
    """The ids of its trials, one for each order of the batches; its scores are their means. Empty where it is lost."""
    valid_score: float
    score: float
    """On the evaluation part; NaN where the fit is lost: failed, diverged, unreadable, or without a finite score."""

    @property
    def lost(self) -> bool:
        """Whether it gave no score."""
        return not self.trials


@dataclass(frozen=True, eq=False)
class Choice:
    """The learning rates of a configuration for one score, and what choosing them means."""

    configuration: str
    metric: str
    fits: tuple[Fit, ...]
    learning_rate: float
    """The rate that all fits together choose: the one to take."""
    valid_score: float
    """The mean of the fits, each at its chosen rate."""
    evaluation_score: float
    best_learning_rate: float
    """The best on the part that claims are made on: what no choice may use."""
    best_evaluation_score: float
    cost: float
    """How much worse the chosen rates are there than the best one."""
    optimism: float
    """How much better the fits would look there had all of them chosen together and been scored with their choice."""
    variance: float
    """What choosing adds to the variance of the mean score."""
    candidates: tuple[float, ...]
    left_out: tuple[float, ...]
    """Learning rates with fewer good trials than others: one that diverges now and then is not chosen for its luck."""
    tails: Mapping[float, Tail]
    """Of the scores at each learning rate that these fits might choose."""
    seeded: bool
    """Whether other seeds would give other fits: those of a baseline would not."""

    @property
    def n(self) -> int:
        """Fits that gave a score."""
        return sum(not fit.lost for fit in self.fits)

    @property
    def chosen(self) -> Mapping[float, int]:
        """How many fits each learning rate was chosen for, the most frequent first."""
        return dict(Counter(fit.learning_rate for fit in self.fits).most_common())

    @property
    def edge(self) -> str:
        """``'lowest'`` or ``'highest'`` where the rate to take is at an end of its grid, so that the grid decides; else empty."""
        return edge_of(self.candidates, self.learning_rate) or ""


def choose(scores: StudyScores, configuration: Configuration, metric: Metric) -> Choice:
    """The choice of a configuration for one score, each metric for itself; made once.

    Raises ``UserError`` where the configuration has no trial with a score.
    """
    key = (configuration.name, metric.name)
    if key not in scores.choices:
        scores.choices[key] = _choose(scores, configuration, metric)
    found: Choice = scores.choices[key]
    return found


def _choose(scores: StudyScores, configuration: Configuration, metric: Metric) -> Choice:
    rates = list(configuration.trials)
    cells, trials = _cells(configuration)
    valid, test = (_matrix(scores, metric, part, rates, cells, trials) for part in ("valid", scores.study.evaluation_part))
    valid = np.where(np.isfinite(valid), valid, np.nan)
    if not np.isfinite(valid + test).any():
        raise UserError(
            f"'{configuration.name}' has no finished trial with a {metric.label}; look at the failed and diverged trials"
        )
    splits, seeds = np.array(cells).T
    given = seeds if has_seeds(configuration) else None
    found = cross_fit(valid, test, splits, given, stream(0, "choice"), metric.higher_is_better)
    fits = _fits(found, valid, rates, cells, trials)
    means = {row: float(np.nanmean(np.where(np.isfinite(test[row]), test[row], np.nan))) for row in found.candidates}
    best = max(means, key=lambda row: metric.gain(means[row]))
    valid_score, evaluation_score = (
        float(np.mean([one for one in values if np.isfinite(one)] or [np.nan]))
        for values in ([fit.valid_score for fit in fits], [fit.score for fit in fits])
    )
    return Choice(
        configuration=configuration.name,
        metric=metric.name,
        fits=fits,
        learning_rate=rates[found.overall],
        valid_score=valid_score,
        evaluation_score=evaluation_score,
        best_learning_rate=rates[best],
        best_evaluation_score=means[best],
        cost=metric.gain(means[best]) - metric.gain(evaluation_score),
        optimism=found.optimism + 0.0,  # -0.0 is 0
        variance=found.variance,
        candidates=tuple(rates[row] for row in found.candidates),
        left_out=tuple(rates[row] for row in found.left_out),
        tails={rates[row]: tail for row, tail in tails_of(test, splits, found.shares, found.candidates).items()},
        seeded=configuration.family != "baseline",
    )


Cells = list[tuple[int, int]]
Trials = dict[tuple[int, int, float], list[str]]


def _cells(configuration: Configuration) -> tuple[Cells, Trials]:
    """The (split, seed) of each fit in order, and the trial ids of each (split, seed, rate): one for each order."""
    trials: Trials = {}
    for rate, records in configuration.trials.items():
        for record in records:
            trials.setdefault((record.trial.split, record.trial.seed, rate), []).append(record.trial_id)
    return sorted({(split, seed) for split, seed, _ in trials}), trials


def _matrix(
    scores: StudyScores, metric: Metric, part: str, rates: list[float], cells: Cells, trials: Trials
) -> NDArray[np.float64]:
    """The score of each fit at each rate, (rates, fits): the mean over its orders; NaN where one of them has none."""

    def mean(ids: list[str]) -> float:
        found = [scores.score(one, part, metric.name) for one in ids]
        return float(np.mean(found)) if found and np.isfinite(found).all() else float("nan")

    return np.array([[mean(trials.get((*cell, rate), [])) for cell in cells] for rate in rates])


def _fits(found: CrossFit, valid: NDArray[np.float64], rates: list[float], cells: Cells, trials: Trials) -> tuple[Fit, ...]:
    """The fits that have a trial at their chosen rate, lost or not."""
    fits = []
    for at, (row, cell) in enumerate(zip(found.chosen.tolist(), cells, strict=True)):
        ids = trials.get((*cell, rates[row]), [])
        if ids:
            score = float(found.scores[at])
            fits.append(Fit(*cell, rates[row], tuple(ids) if np.isfinite(score) else (), float(valid[row, at]), score))
    return tuple(fits)


def trials_at(scores: StudyScores, configuration: Configuration, rate: float, metric: Metric) -> list[str]:
    """The ids of the configuration's trials at a learning rate that have this score on the evaluation part."""
    claim = scores.study.evaluation_part
    return [one.trial_id for one in configuration.trials[rate] if np.isfinite(scores.score(one.trial_id, claim, metric.name))]


def has_score(scores: StudyScores, configuration: Configuration, metric: Metric) -> bool:
    """Whether a trial of the configuration has this score on the evaluation part."""
    return any(trials_at(scores, configuration, rate, metric) for rate in configuration.trials)


def chosen_trials(scores: StudyScores, configuration: Configuration, metric: Metric) -> list[str]:
    """The ids of the trials that the configuration's fits chose; none where it has no such score."""
    if not has_score(scores, configuration, metric):
        return []
    return [one for fit in choose(scores, configuration, metric).fits for one in fit.trials]
