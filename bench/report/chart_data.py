"""The numbers that charts draw: figure files and the page take them from the same values."""

import math
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from bench.comparison.arms import Arm
from bench.comparison.choice import choose, trials_at
from bench.comparison.metric import METRICS, Metric
from bench.comparison.scores import StudyScores
from bench.report.numbers import Spread
from cfce.metrics import never_predicted, recall_by_level

RATE_METRICS = ("normalized_rmse", "accuracy", "nll")
"""The scores of the learning-rate chart, each a panel."""


@dataclass(frozen=True)
class Dot:
    """One trial in the learning-rate chart."""

    arm: str
    learning_rate: float
    seed: int
    split: int
    scores: dict[str, float]


@dataclass(frozen=True, eq=False)
class Confusion:
    """The confusion of an arm at one learning rate, a mean over its trials: rows came, columns forecast, (K, K)."""

    arm: str
    learning_rate: float
    """NaN for an arm that has none, such as a baseline; so in all charts."""
    n: int
    counts: NDArray[np.float64]
    recall: tuple[Spread, ...]
    """Of each level, over trials."""
    never: tuple[int, ...]
    """In how many trials each level was never forecast."""
    chosen: bool
    """Whether this is the learning rate that valid chooses for accuracy."""

    @property
    def shares(self) -> NDArray[np.float64]:
        """Row percentages, (K, K); NaN in the row of a level that never came."""
        total = self.counts.sum(axis=1, keepdims=True)
        return np.asarray(np.divide(100 * self.counts, total, out=np.full_like(self.counts, np.nan), where=total > 0))


@dataclass(frozen=True, eq=False)
class Reliability:
    """The reliability of an arm's cumulative events at the learning rate that valid chooses for NLL, all trials pooled."""

    arm: str
    learning_rate: float
    curve: NDArray[np.float64]
    """(n, 3): mean forecast, share that came, events."""
    error: Spread
    """Of the trials' calibration errors."""


@dataclass(frozen=True)
class LearningCurve:
    """The losses of an arm at one learning rate by epoch: mean over trials of train, and every trial's valid."""

    arm: str
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

    claim_part: str
    labels: tuple[str, ...]
    """The ratings of the scale, as text."""
    dots: tuple[Dot, ...]
    baselines: dict[str, dict[str, float]]
    """Mean score by baseline and metric: drawn as level lines."""
    confusions: tuple[Confusion, ...]
    reliabilities: tuple[Reliability, ...]
    curves: tuple[LearningCurve, ...]


def chart_data(scores: StudyScores) -> ChartData:
    """The numbers of every chart, from a pass over a study."""
    study, arms = scores.study, scores.arms.values()
    trained = [arm for arm in arms if is_trained(arm)]
    baselines: dict[str, dict[str, float]] = {}
    for arm in arms:
        ids = [one.trial_id for one in arm.records if (one.trial_id, study.claim_part) in scores.parts]
        if not is_trained(arm) and ids:
            found = {name: Spread.of(scores.score(one, study.claim_part, name) for one in ids).mean for name in RATE_METRICS}
            baselines[arm.name] = found
    return ChartData(
        claim_part=study.claim_part,
        labels=tuple(study.scale.label(level) for level in range(study.scale.n_levels)),
        dots=tuple(dot for arm in trained for dot in _dots(scores, arm)),
        baselines=baselines,
        confusions=tuple(one for arm in arms for one in _confusions(scores, arm)),
        reliabilities=tuple(one for arm in arms for one in _reliability(scores, arm)),
        curves=tuple(one for arm in trained for one in _curves(arm)),
    )


def is_trained(arm: Arm) -> bool:
    """Whether an arm was trained by epochs, so that it has a learning rate: neither a baseline nor another model's forecasts."""
    return arm.family != "baseline" and any(record.history or record.status != "ok" for record in arm.records)


def chosen_rate(scores: StudyScores, arm: Arm, metric: Metric) -> float | None:
    """The learning rate that valid chooses, or None where no trial has this score."""
    has = any(trials_at(scores, arm, rate, metric) for rate in arm.trials)
    return choose(scores, arm, metric).learning_rate if has else None


def _dots(scores: StudyScores, arm: Arm) -> list[Dot]:
    part = scores.study.claim_part
    return [
        Dot(
            arm.name,
            rate,
            record.trial.seed,
            record.trial.split,
            {name: scores.parts[record.trial_id, part].scores[name] for name in RATE_METRICS},
        )
        for rate, records in arm.trials.items()
        for record in records
        if (record.trial_id, part) in scores.parts
    ]


def _confusions(scores: StudyScores, arm: Arm) -> list[Confusion]:
    chosen = chosen_rate(scores, arm, METRICS["accuracy"])
    found = []
    for rate, records in arm.trials.items():
        keys = [(record.trial_id, scores.study.claim_part) for record in records]
        matrices = [scores.parts[key].confusion for key in keys if key in scores.parts]
        if matrices:
            recalls = np.array([recall_by_level(one) for one in matrices])
            never = [never_predicted(one) for one in matrices]
            n_levels = scores.study.scale.n_levels
            found.append(
                Confusion(
                    arm.name,
                    rate if is_trained(arm) else math.nan,
                    len(matrices),
                    np.mean(matrices, axis=0),
                    tuple(Spread.of(recalls[:, level]) for level in range(n_levels)),
                    tuple(sum(level in one for one in never) for level in range(n_levels)),
                    rate == chosen,
                )
            )
    return found


def _reliability(scores: StudyScores, arm: Arm) -> list[Reliability]:
    rate = chosen_rate(scores, arm, METRICS["nll"])
    if rate is None:
        return []
    keys = [(record.trial_id, scores.study.claim_part) for record in arm.trials[rate]]
    tables = [table for key in keys if key in scores.parts and (table := scores.parts[key].calibration)]
    if not tables:
        return []
    shown = rate if is_trained(arm) else math.nan
    return [Reliability(arm.name, shown, reduce(add, tables).curve(), Spread.of(table.error for table in tables))]


def _curves(arm: Arm) -> list[LearningCurve]:
    found = []
    for rate, records in arm.trials.items():
        histories = [record.history for record in records if record.status == "ok" and record.history]
        if histories:
            train = [Spread.of(epoch.train_loss for epoch in epochs).mean for epochs in zip(*histories, strict=True)]
            valid = tuple(tuple(epoch.valid_loss for epoch in history) for history in histories)
            found.append(LearningCurve(arm.name, rate, tuple(train), valid))
    return found


def finite(value: float, digits: int = 6) -> float | None:
    """A number as JSON can hold it: rounded, and None where it is not finite.

    >>> finite(0.12345678), finite(float("nan"))
    (0.123457, None)
    """
    return round(value, digits) if math.isfinite(value) else None
