"""The numbers that charts draw: figure files and the page take them from the same values."""

import math
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from bench.comparison.choice import choose, has_score
from bench.comparison.configurations import Configuration
from bench.comparison.scores import StudyScores
from bench.report.levels import group_sums
from bench.report.numbers import Spread
from cfce.metrics import METRICS, Metric, never_predicted

RATE_METRICS = ("normalized_rmse", "accuracy", "nll")
"""The scores of the learning-rate chart, each a panel."""


@dataclass(frozen=True)
class Dot:
    """One trial in the learning-rate chart."""

    configuration: str
    learning_rate: float
    seed: int
    split: int
    scores: dict[str, float]
    trial_id: str


@dataclass(frozen=True, eq=False)
class Confusion:
    """The confusion of a configuration at one learning rate, a mean over its trials: rows observed, columns predicted, (K, K)."""

    configuration: str
    learning_rate: float
    """NaN for a configuration that has none, such as a baseline; so in all charts."""
    n: int
    counts: NDArray[np.float64]
    recall: tuple[Spread, ...]
    """Over trials, of the ratings of each of ``groups`` levels: up to ten each level alone."""
    never: tuple[int, ...]
    """In how many trials each level was never predicted."""
    chosen: bool
    """Whether this is the learning rate that valid chooses for accuracy."""

    @property
    def shares(self) -> NDArray[np.float64]:
        """Row percentages, (K, K); NaN in the row of a level that was never observed."""
        total = self.counts.sum(axis=1, keepdims=True)
        return np.asarray(np.divide(100 * self.counts, total, out=np.full_like(self.counts, np.nan), where=total > 0))


@dataclass(frozen=True, eq=False)
class Reliability:
    """The reliability of a configuration's cumulative events at the rate that valid chooses for NLL, all trials pooled."""

    configuration: str
    learning_rate: float
    curve: NDArray[np.float64]
    """(n, 3): mean predicted, observed share, events."""
    error: Spread
    """Of the trials' calibration errors."""


@dataclass(frozen=True)
class LearningCurve:
    """The losses of a configuration at one learning rate by epoch: mean over trials of train, and every trial's valid."""

    configuration: str
    learning_rate: float
    train: tuple[float, ...]
    valid: tuple[tuple[float, ...], ...]

    @property
    def valid_mean(self) -> tuple[float, ...]:
        """The mean valid loss by epoch."""
        return tuple(Spread.of(losses).mean for losses in zip(*self.valid, strict=True))


@dataclass(frozen=True)
class ChartData:
    """Everything that charts draw."""

    evaluation_part: str
    labels: tuple[str, ...]
    """The ratings of the scale, as text."""
    dots: tuple[Dot, ...]
    without_rate: dict[str, dict[str, float]]
    """Mean score by metric of each configuration that has no learning rate: drawn as level lines."""
    confusions: tuple[Confusion, ...]
    reliabilities: tuple[Reliability, ...]
    curves: tuple[LearningCurve, ...]


def chart_data(scores: StudyScores) -> ChartData:
    """The numbers of every chart, from a pass over a study."""
    study, configurations = scores.study, scores.configurations.values()
    trained = [configuration for configuration in configurations if is_trained(configuration)]
    without_rate: dict[str, dict[str, float]] = {}
    for configuration in configurations:
        ids = [one.trial_id for one in configuration.records if (one.trial_id, study.evaluation_part) in scores.parts]
        if not is_trained(configuration) and ids:
            found = {name: Spread.of(scores.score(one, study.evaluation_part, name) for one in ids).mean for name in RATE_METRICS}
            without_rate[configuration.name] = found
    return ChartData(
        evaluation_part=study.evaluation_part,
        labels=tuple(study.scale.label(level) for level in range(study.scale.n_levels)),
        dots=tuple(dot for configuration in trained for dot in _dots(scores, configuration)),
        without_rate=without_rate,
        confusions=tuple(one for configuration in configurations for one in _confusions(scores, configuration)),
        reliabilities=tuple(one for configuration in configurations for one in _reliability(scores, configuration)),
        curves=tuple(one for configuration in trained for one in _curves(configuration)),
    )


def is_trained(configuration: Configuration) -> bool:
    """Whether a configuration has a learning rate: no baseline, no external predictions, no estimator without that option."""
    return configuration.family != "baseline" and any(math.isfinite(rate) for rate in configuration.trials)


def chosen_rate(scores: StudyScores, configuration: Configuration, metric: Metric) -> float | None:
    """The learning rate that all fits together choose on valid, or None where no trial has this score."""
    return choose(scores, configuration, metric).learning_rate if has_score(scores, configuration, metric) else None


def _dots(scores: StudyScores, configuration: Configuration) -> list[Dot]:
    part = scores.study.evaluation_part
    return [
        Dot(
            configuration.name,
            rate,
            record.trial.seed,
            record.trial.split,
            {name: scores.parts[record.trial_id, part].scores[name] for name in RATE_METRICS},
            record.trial_id,
        )
        for rate, records in configuration.trials.items()
        for record in records
        if (record.trial_id, part) in scores.parts
    ]


def _confusions(scores: StudyScores, configuration: Configuration) -> list[Confusion]:
    chosen = chosen_rate(scores, configuration, METRICS["accuracy"])
    found = []
    for rate, records in configuration.trials.items():
        keys = [(record.trial_id, scores.study.evaluation_part) for record in records]
        matrices = [scores.parts[key].confusion for key in keys if key in scores.parts]
        if matrices:
            recalls = np.array([_recall(one) for one in matrices])
            never = [never_predicted(one) for one in matrices]
            n_levels = scores.study.scale.n_levels
            found.append(
                Confusion(
                    configuration.name,
                    rate if is_trained(configuration) else math.nan,
                    len(matrices),
                    np.mean(matrices, axis=0),
                    tuple(Spread.of(recall) for recall in recalls.T),
                    tuple(sum(level in one for one in never) for level in range(n_levels)),
                    rate == chosen,
                )
            )
    return found


def _recall(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share of the ratings of each group of levels whose level was predicted; NaN for levels that were never observed."""
    right, observed = group_sums(np.diag(confusion)), group_sums(confusion.sum(axis=1))
    return np.asarray(np.divide(right, observed, out=np.full(len(observed), np.nan), where=observed > 0))


def _reliability(scores: StudyScores, configuration: Configuration) -> list[Reliability]:
    rate = chosen_rate(scores, configuration, METRICS["nll"])
    if rate is None:
        return []
    keys = [(record.trial_id, scores.study.evaluation_part) for record in configuration.trials[rate]]
    tables = [table for key in keys if key in scores.parts and (table := scores.parts[key].calibration)]
    if not tables:
        return []
    shown = rate if is_trained(configuration) else math.nan
    return [Reliability(configuration.name, shown, reduce(add, tables).curve(), Spread.of(table.error for table in tables))]


def _curves(configuration: Configuration) -> list[LearningCurve]:
    found = []
    for rate, records in configuration.trials.items():
        histories = [record.history for record in records if record.status == "ok" and record.history]
        if histories:
            train = [Spread.of(epoch.train_loss for epoch in epochs).mean for epochs in zip(*histories, strict=True)]
            valid = tuple(tuple(epoch.valid_loss for epoch in history) for history in histories)
            found.append(LearningCurve(configuration.name, rate, tuple(train), valid))
    return found


def finite(value: float, digits: int = 6) -> float | None:
    """A number as JSON can hold it: rounded, and None where it is not finite.

    >>> finite(0.12345678), finite(float("nan"))
    (0.123457, None)
    """
    return round(value, digits) if math.isfinite(value) else None
