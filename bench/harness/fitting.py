"""A worker's work: from trials to outcomes, which hold records and predictions."""

import contextlib
import hashlib
import math
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from bench.harness.executor import Scoring
from bench.harness.fitted import checked
from bench.harness.outcome import Outcome
from bench.plan.trial import Trial
from bench.study.held_out import HeldOut, HeldRows
from bench.study.record import Record
from bench.variants.variant import VARIANTS
from cfce.datasets.stored import open_ratings
from cfce.engines import ENGINES
from cfce.engines.task import Fitted
from cfce.errors import UserError
from cfce.estimators import Estimator, Network, Task
from cfce.splits import Fold, split_ratings
from cfce.text import NAME, short

SCORED_HERE = 500_000
"""Held-out ratings up to which a worker scores its predictions: of more, as many workers together would need much memory."""


class Trainer:
    """Fits trials over shared ratings; keeps the last fold it made.

    ``report`` is told what an engine has to say that is no error: a batch made smaller, a kernel that cannot be cached;
    ``seconds`` are those that a trial may take; ``scoring`` makes the function that scores its predictions.
    """

    def __init__(
        self, ratings: Path, report: Callable[[str], None], seconds: float = math.inf, scoring: Scoring | None = None
    ) -> None:
        self.ratings = open_ratings(ratings)
        self.report = report
        self.seconds = seconds
        self._fold: Fold | None = None
        self._rows: _HeldOut | None = None
        self._score = None if scoring is None else scoring(self.ratings.scale)

    def fit(self, trials: Sequence[Trial]) -> list[Outcome]:
        """Fit a unit; where a batch of several raises, each of its trials is fitted alone."""
        if len(trials) == 1:
            return [self._fit_alone(trials[0])]
        try:
            fitted = self._fit_batch(trials)
            return [self._outcome(trial, self._fold_of(trial), one) for trial, one in zip(trials, fitted, strict=True)]
        except Exception:  # the trial that is to blame says so when it is fitted alone
            return [self._fit_alone(trial) for trial in trials]

    def _fit_batch(self, trials: Sequence[Trial]) -> list[Fitted]:
        engine = ENGINES[trials[0].engine]
        assert engine.fit_batch is not None
        trainings = []
        for trial in trials:
            estimator = estimator_of(trial)
            assert isinstance(estimator, Network)
            trainings.append(estimator.on(self._task(trial)))
            engine.check(trainings[-1])
        return engine.fit_batch(trainings, len(trials), self.report)

    def _fit_alone(self, trial: Trial) -> Outcome:
        try:
            task = self._task(trial)
            return self._outcome(trial, task.fold, estimator_of(trial).fit(task))
        except Exception as error:  # whatever a variant raises is a row of the study
            return Outcome(Record(trial, "failed", _said(error)), printed=getattr(error, "printed", ""))

    def _task(self, trial: Trial) -> Task:
        return Task(self._fold_of(trial), trial.seed, trial.order, trial.device, trial.engine, self.seconds)

    def _fold_of(self, trial: Trial) -> Fold:
        fold = self._fold
        if fold is None or (fold.protocol, fold.split) != (trial.protocol, trial.split):
            fold = self._fold = split_ratings(self.ratings, trial.protocol, trial.split)
        return fold

    def _outcome(self, trial: Trial, fold: Fold, fitted: Fitted) -> Outcome:
        """The record, with the predictions of a trial that did not diverge; ``UserError`` for what no study can keep."""
        fitted = checked(fitted, fold)
        reason = fitted.diverged
        content = rows = None
        rmse = accuracy = None
        if reason is None:
            from bench.study.prediction_file import predictions_bytes

            rows = self._held_out(fold)
            held = {part: own.predicted(part, fitted.predictions[part]) for part, own in rows.parts.items()}
            content = predictions_bytes(held, fold.scale, rows.digest)
            rmse, accuracy = _scores(held["valid"], fold.scale.array)
        record = Record(
            trial=trial,
            status="diverged" if reason else "ok",
            reason=reason or "",
            history=fitted.history,
            fit_seconds=fitted.fit_seconds,
            peak_memory_mb=fitted.peak_memory_mb,
            n_parameters=fitted.n_parameters or None,
            timed=fitted.timed,
            unknown=tuple((part, *fold.unknown_counts(part)) for part in fold.held_out),
            prediction_sha256=None if content is None else hashlib.sha256(content).hexdigest(),
            rows_sha256=None if rows is None else rows.digest,
            sizes={part: len(fold.rows(part)) for part in ("train", "valid", "test")},
        )
        valid_loss = fitted.history[-1].valid_loss if fitted.history else None
        outcome = Outcome(record, content, valid_loss, rmse, accuracy, fitted.printed)
        if content is None or rows is None:
            return outcome
        return replace(outcome, rows=rows.content, scores=self._scores_of(content, rows))

    def _scores_of(self, content: bytes, rows: "_HeldOut") -> Any:
        """The scores of predictions of the held-out rows; None where there is no room to make them here."""
        if self._score is not None and sum(map(len, rows.parts.values())) <= SCORED_HERE:
            with contextlib.suppress(Exception):  # the report meets it again, and tells it
                return self._score(content, rows.content)
        return None

    def _held_out(self, fold: Fold) -> "_HeldOut":
        """The held-out rows of a fold, made once for all its trials."""
        if self._rows is None or self._rows.fold is not fold:
            from bench.study.fold_rows import rows_bytes

            parts = HeldRows.of_fold(fold)
            content = rows_bytes(parts)
            self._rows = _HeldOut(fold, parts, content, hashlib.sha256(content).hexdigest())
        return self._rows


@dataclass(frozen=True, eq=False)
class _HeldOut:
    """The held-out rows of a fold, as arrays and as the file that a study keeps of them."""

    fold: Fold
    parts: dict[str, HeldRows]
    content: bytes
    digest: str


def estimator_of(trial: Trial) -> Estimator:
    """The estimator of a trial, its options set."""
    return VARIANTS[trial.variant].estimator.with_options(trial.options)


def load_for(trial: Trial) -> None:
    """Import what a trial and the writing of its predictions need, which may take seconds: no trial's time."""
    import_module("bench.study.prediction_file")
    import_module("cfce.metrics")
    estimator_of(trial).load(trial.engine)


def _scores(held: HeldOut, values: np.ndarray) -> tuple[float, float]:
    """RMSE of the mean and accuracy of the mode, for the line on the terminal."""
    from cfce.metrics import accuracy, rmse

    return rmse(held.prediction.decode("mean"), values[held.level]), accuracy(held.prediction.levels("mode"), held.level)


def _said(error: Exception) -> str:
    """An exception in one line, with the place that raised it; a sentence for users stands alone."""
    if isinstance(error, UserError):
        return short(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({short(Path(frames[-1].filename).name, NAME)}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {short(error)}{place}"
