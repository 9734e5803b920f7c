"""A trial as trackers take it: parameters, metrics, curves by epoch, tags; the same values whatever the tracker."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.comparison.results import PARTS
from bench.notebook import Study
from bench.study import Record
from bench.study.whole import prediction_path, score_path

REPORT = ("report.md", "report.html", "results.csv", "verdicts.csv", "study.json")
"""The files of a study that go along with it, where they are there."""


@dataclass(frozen=True)
class LoggedTrial:
    """One trial: what was fitted, its scores, its losses by epoch (from 1), and its files."""

    trial_id: str
    name: str
    params: Mapping[str, str]
    tags: Mapping[str, str]
    metrics: Mapping[str, float]
    """Finite scores and costs; what is not finite is left out, as no tracker takes it."""
    curves: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Loss to its value after each epoch; not finite where the trial diverged."""
    files: tuple[Path, ...] = ()


def logged_trials(study: Study) -> Iterator[LoggedTrial]:
    """Every trial of a study, in the order of its table; diverged and failed ones too, told by the tag ``status``.

    One that has two names, as a plan and a search share it, comes once.
    """
    table = study.trials.drop_duplicates("trial_id").set_index("trial_id")
    scores = [name for name in table.columns if name.startswith(tuple(f"{part}_" for part in PARTS)) and name != "valid_loss"]
    costs = ["fit_seconds", "peak_memory_mb", "train_loss", "valid_loss"]
    for record in study.scores.study.distinct:
        row: Any = table.loc[record.trial_id]
        found = {name: float(row[name]) for name in (*scores, *costs) if _is_number(row[name])}
        yield LoggedTrial(
            trial_id=record.trial_id,
            name=_name(record),
            params=_params(record),
            tags={"study": study.name, "status": record.status, "reason": record.reason, "family": _family(study, record)},
            metrics={name: value for name, value in found.items() if math.isfinite(value)},
            curves={
                loss: tuple(float(getattr(epoch, loss)) for epoch in record.history)
                for loss in ("train_loss", "valid_loss")
                if record.history
            },
            files=tuple(file for file in _files(study, record) if file.exists()),
        )


def _files(study: Study, record: Record) -> tuple[Path, Path]:
    """The record of a trial, and its predictions or the scores in their place."""
    kept = prediction_path if record.keeps_predictions else score_path
    return study.path / "trials" / f"{record.trial_id}.json", kept(study.path, record.trial_id)


def report_files(study: Study) -> list[Path]:
    """The files of the report that are there, the figures too."""
    return [file for name in REPORT if (file := study.path / name).exists()] + sorted((study.path / "figures").glob("*.png"))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) or hasattr(value, "dtype")


def _params(record: Record) -> dict[str, str]:
    trial = record.trial
    named = ("dataset", "protocol", "variant", "engine", "device", "split", "seed", "order", "code")
    return {name: str(getattr(trial, name)) for name in named} | {name: str(value) for name, value in trial.options.items()}


def _family(study: Study, record: Record) -> str:
    return str(study.settings["variants"].get(record.trial.variant, {}).get("family", ""))


def _name(record: Record) -> str:
    trial = record.trial
    rate = "" if math.isnan(trial.learning_rate) else f" lr {trial.learning_rate:g}"
    return f"{trial.variant}{rate} split {trial.split} seed {trial.seed}"
