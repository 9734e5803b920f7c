"""One pass over a study's predictions, split by split: each is read once, scored, and let go."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.comparison.configurations import Configuration
from bench.comparison.ensemble import Ensemble, MeanPrediction
from bench.comparison.part_scores import PartScores, score_part
from bench.comparison.rows import Rows
from bench.statistics.temperature import at_temperature, fit_temperature
from bench.study.held_out import HeldOut
from bench.study.record import Record
from bench.study.study import Study
from cfce.metrics import fit_sigma, with_distribution
from cfce.predictions import Prediction
from cfce.text import short


@dataclass(frozen=True, eq=False)
class Users:
    """Who the ratings of a split's evaluation part belong to: indices into ``Scored.user_ids``, and ratings of each."""

    index: NDArray[np.intp]
    counts: NDArray[np.float64]


@dataclass(eq=False)
class Scored:
    """What a pass leaves."""

    parts: dict[tuple[str, str], PartScores] = field(default_factory=dict)
    """(trial or ensemble id, part) to its scores."""
    ensembles: list[Ensemble] = field(default_factory=list)
    users: dict[int, Users] = field(default_factory=dict)
    """By split."""
    user_ids: list[object] = field(default_factory=list)
    sigmas: dict[str, float] = field(default_factory=dict)
    """The standard deviation of each trial that predicts points, fitted on its valid ratings."""
    temperatures: dict[str, float] = field(default_factory=dict)
    """The temperature of each trial that predicts distributions, and of each ensemble, fitted on its valid ratings."""
    problems: dict[str, str] = field(default_factory=dict)
    """Trials that are ``ok`` but whose predictions cannot be used, and why."""
    failed_metrics: dict[str, str] = field(default_factory=dict)
    """Metrics that raised for a trial, which has no such score, and why."""


class ScoringPass:
    """The pass over a study's trials; ``run`` gives what it leaves."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._found = Scored()
        self._user_number: dict[object, int] = {}
        self._rows: dict[str, Rows] = {}
        """The held-out rows of the split under way, by part, in the order of its first trial."""

    def run(self, configurations: dict[str, Configuration], progress: Callable[[int, int], None] | None) -> Scored:
        """Score every trial, and every ensemble of trials that differ only in seed; ``progress`` is told (done, in all)."""
        done = 0
        for split in sorted({record.trial.split for record in self._study.records}):
            self._rows = {}
            for configuration in configurations.values():
                for records in configuration.trials.values():
                    on_split = [record for record in records if record.trial.split == split]
                    self._score_alike(configuration, on_split)
                    done += len(on_split)
                    if progress and on_split:
                        progress(done, len(self._study.records))
        self._found.user_ids = list(self._user_number)
        return self._found

    def _score_alike(self, configuration: Configuration, records: list[Record]) -> None:
        """Score trials that differ only in seed and order, and their ensemble."""
        mean, members = MeanPrediction(), []
        for record in records:
            parts = self._predictions(record) if record.status == "ok" else None
            if parts is not None:
                self._score(record.trial_id, parts)
                mean.add(parts)
                members.append(record)
        if len(members) > 1:
            ensemble = Ensemble.of(configuration, members)
            self._found.ensembles.append(ensemble)
            self._score(ensemble.id, mean.parts())  # the mean of distributions, of points too, gets a temperature of its own

    def _predictions(self, record: Record) -> dict[str, Prediction] | None:
        """A trial's predictions by part, with distributions; None, and why in ``problems``, where they cannot be used."""
        try:
            parts = {name: self._aligned(held, record.trial.split) for name, held in self._study.predictions(record).items()}
            points = parts["valid"].points if "valid" in parts else None
            if points is not None and any(one.probabilities is None for one in parts.values()):
                sigma = fit_sigma(points, self._rows["valid"].level, self._study.scale)
                self._found.sigmas[record.trial_id] = sigma
                parts = {name: with_distribution(prediction, sigma) for name, prediction in parts.items()}
            return parts
        except Exception as error:  # whatever a damaged or foreign file makes its reader raise
            self._found.problems[record.trial_id] = f"its predictions cannot be used: {short(error)}"
            return None

    def _aligned(self, held: HeldOut, split: int) -> Prediction:
        """The prediction with its rows in the split's order, which the first trial of the split sets."""
        if held.part not in self._rows:
            self._rows[held.part] = Rows.of(held)
            if held.part == self._study.evaluation_part:
                self._enter_users(split, self._rows[held.part])
        order = self._rows[held.part].order_of(held)
        if order is None:
            return held.prediction
        of = held.prediction
        points, mass = (None if one is None else one[order] for one in (of.points, of.probabilities))
        return Prediction(of.scale, points, mass, sigma=of.sigma)

    def _enter_users(self, split: int, rows: Rows) -> None:
        number = self._user_number
        index = np.array([number.setdefault(user, len(number)) for user in rows.users], dtype=np.intp)
        self._found.users[split] = Users(index, np.bincount(rows.codes, minlength=len(rows.users)).astype(np.float64))

    def _score(self, key: str, parts: dict[str, Prediction]) -> None:
        fitted = parts if key in self._found.sigmas else self._at_temperature(key, parts)
        for name, prediction in parts.items():
            rows = self._rows[name]
            n_users = len(rows.users) if name == self._study.evaluation_part else 0
            self._found.parts[key, name] = score_part(
                prediction, rows.level, rows.codes, n_users, fitted[name], self._found.failed_metrics
            )

    def _at_temperature(self, key: str, parts: dict[str, Prediction]) -> dict[str, Prediction]:
        """The predictions with the one parameter of a classifier, fitted on valid as a regression's sigma is."""
        valid = parts["valid"].probabilities if "valid" in parts else None
        if valid is None:
            return parts
        temperature = fit_temperature(valid, self._rows["valid"].level)
        self._found.temperatures[key] = temperature
        return {
            name: one
            if one.probabilities is None
            else Prediction(one.scale, one.points, at_temperature(one.probabilities, temperature).astype(np.float32), one.derived)
            for name, one in parts.items()
        }
