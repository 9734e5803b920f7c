"""A worker's work: from trials to records and predictions on disk."""

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np

from bench.harness.shared_ratings import open_shared
from bench.registry import variant_named
from bench.study.files import sha256_of
from bench.study.folder import StudyFolder
from bench.study.record import Record
from bench.study.study import HeldOut
from bench.trial import Trial
from cfce.objectives import objective_named
from cfce.splits import Fold, split_ratings
from cfce.training import Fitted, Task, fit, fit_stacked

ENGINE_MODULES = {
    "baseline": "cfce.baselines",
    "fused": "cfce.training.fused_kernel",
    "torch": "cfce.training.torch_engine",
}
"""What an engine imports and compiles when it first trains; fastai is left to its engine, which keeps its import quiet."""


@dataclass(frozen=True)
class Outcome:
    """What the command is told of a finished trial; the record on disk holds the rest. Scores are those of valid."""

    trial: Trial
    status: str
    reason: str = ""
    valid_loss: float | None = None
    rmse: float | None = None
    accuracy: float | None = None
    seconds: float | None = None


class Trainer:
    """Trains trials over shared ratings and writes what they gave into a study folder; keeps the last fold it made.

    ``say`` is told what an engine has to say that is no error: a stack made smaller, a kernel that cannot be cached.
    """

    def __init__(self, study: Path, ratings: Path, say: Callable[[str], None]) -> None:
        self.folder = StudyFolder(study)
        self.ratings = open_shared(ratings)
        self.say = say
        self._fold: Fold | None = None

    def train(self, trials: Sequence[Trial]) -> list[Outcome]:
        """Train a unit; where a stack of several raises, each of its trials is trained alone."""
        if len(trials) == 1:
            return [self._train_alone(trials[0])]
        try:
            tasks = [self._task(trial) for trial in trials]
            fitted = fit_stacked(tasks, len(trials), self.say)
        except Exception:  # the trial that is to blame says so when it trains alone
            return [self._train_alone(trial) for trial in trials]
        return [self._keep(trial, task.fold, one) for trial, task, one in zip(trials, tasks, fitted, strict=True)]

    def _train_alone(self, trial: Trial) -> Outcome:
        try:
            if trial.engine == "baseline":
                from cfce.baselines import fit_baseline

                fold = self._fold_of(trial)
                return self._keep(trial, fold, fit_baseline(trial.variant, fold))
            task = self._task(trial)
            return self._keep(trial, task.fold, fit(task, trial.engine))
        except Exception as error:  # whatever a variant raises is a row of the study
            reason = _said(error)
            self.folder.write_record(Record(trial, "failed", reason))
            return Outcome(trial, "failed", reason)

    def _task(self, trial: Trial) -> Task:
        variant = variant_named(trial.variant)
        assert variant.scorer is not None
        return Task(
            fold=self._fold_of(trial),
            scorer=variant.scorer,
            objective=objective_named(variant.objective),
            options=trial.options,
            seed=trial.seed,
            order=trial.order,
            device=trial.device,
        )

    def _fold_of(self, trial: Trial) -> Fold:
        fold = self._fold
        if fold is None or (fold.protocol, fold.split) != (trial.protocol, trial.split):
            fold = self._fold = split_ratings(self.ratings, trial.protocol, trial.split)
        return fold

    def _keep(self, trial: Trial, fold: Fold, fitted: Fitted) -> Outcome:
        """Write predictions, then the record; a diverged trial has no predictions."""
        reason = fitted.diverged
        sha256 = None
        rmse = accuracy = None
        if reason is None:
            from bench.study.prediction_file import write_predictions

            held = {part: self._held_out(fold, part, fitted) for part in fold.held_out}
            path = self.folder.prediction_file(trial.trial_id)
            write_predictions(path, held, fold.scale)
            sha256 = sha256_of(path)
            rmse, accuracy = _scores(held["valid"], fold.scale.array)
        record = Record(
            trial=trial,
            status="diverged" if reason else "ok",
            reason=reason or "",
            history=fitted.history,
            fit_seconds=fitted.fit_seconds,
            peak_memory_mb=fitted.peak_memory_mb,
            n_parameters=fitted.n_parameters,
            unknown=tuple((part, *fold.unknown_counts(part)) for part in fold.held_out),
            prediction_sha256=sha256,
        )
        self.folder.write_record(record)
        valid_loss = fitted.history[-1].valid_loss if fitted.history else None
        return Outcome(trial, record.status, record.reason, valid_loss, rmse, accuracy, fitted.fit_seconds)

    def _held_out(self, fold: Fold, part: str, fitted: Fitted) -> HeldOut:
        rows = fold.rows(part)
        ratings = fold.ratings
        return HeldOut(
            part,
            ratings.user_ids[ratings.user[rows] - 1],
            ratings.item_ids[ratings.item[rows] - 1],
            ratings.level[rows],
            fitted.predictions[part],
        )


def load_engine(engine: str) -> None:
    """Import what an engine and the writing of its predictions need, which may take seconds: no trial's time."""
    import_module("bench.study.prediction_file")
    import_module("cfce.metrics")
    if engine in ENGINE_MODULES:
        import_module(ENGINE_MODULES[engine])


def _scores(held: HeldOut, values: np.ndarray) -> tuple[float, float]:
    """RMSE of the mean and accuracy of the mode, for the line on the terminal."""
    from cfce.metrics import accuracy, rmse

    return rmse(held.prediction.decode("mean"), values[held.level]), accuracy(held.prediction.levels("mode"), held.level)


def _said(error: Exception) -> str:
    """An exception in one line, with the place that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())}{place}"
