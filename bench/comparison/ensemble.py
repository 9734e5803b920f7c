"""Seed ensembles: the mean distribution of trials that differ only in seed and order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.comparison.configurations import Configuration
from bench.study.record import Record
from cfce.predictions import Prediction
from cfce.scale import RatingScale

NO_SEED = -1
"""The seed and order of an ensemble, which is of many."""


@dataclass(frozen=True)
class Ensemble:
    """The mean distribution of a configuration's trials at one learning rate that share a split, and the mean of their points."""

    record: Record
    """A record as of one trial, whose seed and order are ``NO_SEED``: so an ensemble is compared as a trial is."""
    configuration: str
    n: int
    """How many trials it is the mean of."""

    @property
    def id(self) -> str:
        """Its key in ``StudyScores.parts``."""
        return self.record.trial_id

    @property
    def learning_rate(self) -> float:
        """That of its trials."""
        return self.record.trial.learning_rate

    @property
    def split(self) -> int:
        """That of its trials."""
        return self.record.trial.split

    @classmethod
    def of(cls, configuration: Configuration, records: Sequence[Record]) -> "Ensemble":
        """The ensemble of a configuration's trials of one learning rate and split."""
        first = records[0].trial
        name = f"{first.trial_id} {configuration.name}-ensemble"  # another configuration may share its first trial
        trial = replace(first, seed=NO_SEED, order=NO_SEED, trial_id=name)
        return cls(Record(trial, "ok", history=records[0].history, sizes=records[0].sizes), configuration.name, len(records))


class MeanPrediction:
    """The running mean of predictions of the same ratings, by part."""

    def __init__(self) -> None:
        self.n = 0
        self._sums: dict[str, tuple[RatingScale, bool, list[NDArray[np.floating] | None]]] = {}

    def add(self, parts: dict[str, Prediction]) -> None:
        """Add the predictions of one trial by part."""
        self.n += 1
        for name, prediction in parts.items():
            new = [prediction.points, prediction.probabilities]
            if name in self._sums:
                sums = self._sums[name][2]
                new = [None if a is None or b is None else a + b for a, b in zip(sums, new, strict=True)]
            else:
                new = [None if one is None else one.copy() for one in new]
            self._sums[name] = (prediction.scale, prediction.derived, new)

    def parts(self) -> dict[str, Prediction]:
        """The means by part."""
        found = {}
        for name, (scale, derived, sums) in self._sums.items():
            points, mass = (None if one is None else one / np.float32(self.n) for one in sums)
            found[name] = Prediction(scale, points, mass, derived)
        return found
