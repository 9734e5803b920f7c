"""One pass over a study's predictions, and what stays of them: all that tables, figures and statistics are made from.

    scores = StudyScores.of(study)          # reads each prediction file once, a trial at a time
    scores.results                          # DataFrame: the columns of results.csv, a row a trial
    scores.configurations                   # {"regression": Configuration, ...}: what is compared
    scores.parts[trial_id, "test"].grid     # decoder x metric; also .confusion, .calibration, .scores, .user_sums
    scores.ensembles                        # seed ensembles; their scores are scores.parts[ensemble.id, part]
    scores.ensemble_results                 # DataFrame: the same score columns, a row an ensemble
    scores.against("bias")                  # DataFrame: skill against any configuration, on the same split
    scores.problems                         # {trial_id: why its predictions could not be read}

Memory: besides the pass's one trial and one running sum of distributions, a few numbers and the per-user sums of
losses of each trial on the part that claims are made on; a thousand trials of MovieLens 100k hold about 30 MB.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bench.comparison.configurations import Configuration, configurations_of
from bench.comparison.metric import LOSSES
from bench.comparison.part_scores import PartScores, score_part
from bench.comparison.rows import Rows
from bench.study.held_out import HeldOut
from bench.study.record import Record
from bench.study.study import Study
from cfce.errors import UserError
from cfce.metrics import fit_sigma, with_distribution
from cfce.predictions import Prediction
from cfce.scale import RatingScale

if TYPE_CHECKING:
    import pandas as pd


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
        trial = replace(first, seed=NO_SEED, order=NO_SEED, trial_id=f"{first.trial_id}-ensemble")
        record = Record(trial, "ok", history=records[0].history, sizes=records[0].sizes)
        return cls(record, configuration.name, len(records))


@dataclass(frozen=True, eq=False)
class Users:
    """Who the ratings of a split's evaluation part belong to: indices into ``StudyScores.user_ids``, and ratings of each."""

    index: NDArray[np.intp]
    counts: NDArray[np.float64]


@dataclass(eq=False)
class StudyScores:
    """What one pass over a study's predictions leaves; make it with ``of``."""

    study: Study
    configurations: dict[str, Configuration]
    parts: dict[tuple[str, str], PartScores] = field(default_factory=dict)
    ensembles: list[Ensemble] = field(default_factory=list)
    users: dict[int, Users] = field(default_factory=dict)
    """By split."""
    user_ids: list[object] = field(default_factory=list)
    sigmas: dict[str, float] = field(default_factory=dict)
    """The standard deviation of each trial that predicts points, fitted on its valid ratings."""
    problems: dict[str, str] = field(default_factory=dict)
    """Trials that are ``ok`` but whose predictions cannot be used, and why."""

    @classmethod
    def of(cls, study: Study, progress: Callable[[int, int], None] | None = None) -> "StudyScores":
        """Read and score every prediction of a study; ``progress`` is told (trials done, trials in all).

        Raises ``UserError`` where no trial of the study is there, as in a folder that was committed without its trials.
        """
        check_has_trials(study)
        scores = cls(study, configurations_of(study.records, study.settings["variants"]))
        groups = [
            (split, configuration, [record for record in records if record.trial.split == split])
            for split in sorted({record.trial.split for record in study.records})
            for configuration in scores.configurations.values()
            for records in configuration.trials.values()
        ]
        seen: dict[object, int] = {}
        done, at_split = 0, None
        split_rows: dict[str, Rows] = {}
        for split, configuration, records in groups:
            if split != at_split:
                split_rows, at_split = {}, split
            total = _Total()
            for record in records:
                if record.status == "ok":
                    scores._add(record, split_rows, seen, total)
                done += 1
                if progress:
                    progress(done, len(study.records))
            if total.n > 1:
                ensemble = Ensemble.of(configuration, total.records)
                scores.ensembles.append(ensemble)
                for part, prediction in total.predictions().items():
                    scores._score(ensemble.id, part, prediction, total.own, split_rows[part])
        scores.user_ids = list(seen)
        return scores

    @cached_property
    def ensemble_configurations(self) -> dict[str, Configuration]:
        """The seed ensembles as configurations of their own, each with one trial a split and learning rate.

        Only those of as many trials as the configuration's largest: where trials diverged, the mean of the few that did not is no
        fair match for a mean of all.
        """
        found: dict[str, Configuration] = {}
        for configuration in self.configurations.values():
            own = [one for one in self.ensembles if one.configuration == configuration.name]
            most = max((one.n for one in own), default=0)
            rates = {
                rate: tuple(one.record for one in own if (one.learning_rate, one.n) == (rate, most))
                for rate in configuration.trials
            }
            if own:
                name = f"{configuration.name}, seed ensemble"
                while name in self.configurations:  # somebody's own model may be called so
                    name += "'"
                found[name] = Configuration(
                    name,
                    configuration.variant,
                    configuration.family,
                    configuration.protocol,
                    {rate: records for rate, records in rates.items() if records},
                )
        return found

    def configuration(self, name: str) -> Configuration:
        """A configuration, of trials or of ensembles, by its name."""
        return self.configurations[name] if name in self.configurations else self.ensemble_configurations[name]

    @cached_property
    def results(self) -> "pd.DataFrame":
        """One row a trial, in plan order, with the columns of ``results.csv``."""
        from bench.results import trial_rows

        return trial_rows(self)

    @cached_property
    def ensemble_results(self) -> "pd.DataFrame":
        """One row an ensemble: configuration, learning_rate, split, n, then the score columns of ``results``; may be empty."""
        from bench.results import ensemble_rows

        return ensemble_rows(self)

    def against(self, reference: str) -> "pd.DataFrame":
        """Skill of every trial against a configuration or variant on the same split: trial_id and ``SKILLS`` by part."""
        from bench.results import skill_rows

        return skill_rows(self, reference)

    def score(self, trial_id: str, part: str, name: str) -> float:
        """One score of one trial or ensemble; NaN where it has none."""
        found = self.parts.get((trial_id, part))
        return found.scores[name] if found else float("nan")

    def user_counts(self, splits: Iterable[int]) -> NDArray[np.float64]:
        """The ratings of each user in the evaluation parts of some splits, (users,)."""
        counts = np.zeros(len(self.user_ids))
        for split in splits:
            counts[self.users[split].index] += self.users[split].counts
        return counts

    def user_sums(self, trial_id: str, loss: str) -> NDArray[np.float32]:
        """The sum of a loss over each user's ratings of the evaluation part, aligned with ``users[split].index``."""
        sums = self.parts[trial_id, self.study.evaluation_part].user_sums
        if sums is None:
            raise UserError(f"trial {trial_id} has no losses by user")
        return np.asarray(sums[LOSSES.index(loss)])

    def _add(self, record: Record, split_rows: dict[str, Rows], seen: dict[object, int], total: "_Total") -> None:
        """Score one trial; where its predictions cannot be used, say why in ``problems`` and go on."""
        try:
            parts = {
                name: _aligned(held, split_rows, self._enter(record.trial.split, seen))
                for name, held in self.study.predictions(record).items()
            }
            own = all(prediction.probabilities is not None for prediction in parts.values())
            if not own and "valid" in parts:
                points = parts["valid"].points
                assert points is not None
                self.sigmas[record.trial_id] = sigma = fit_sigma(points, split_rows["valid"].level, self.study.scale)
                parts = {name: with_distribution(prediction, sigma) for name, prediction in parts.items()}
        except (OSError, ValueError, KeyError) as error:
            self.problems[record.trial_id] = f"its predictions cannot be used: {error}"
            return
        for name, prediction in parts.items():
            self._score(record.trial_id, name, prediction, own, split_rows[name])
        total.add(record, parts, own)

    def _score(self, trial_id: str, part: str, prediction: Prediction, own: bool, rows: Rows) -> None:
        if part == self.study.evaluation_part:
            self.parts[trial_id, part] = score_part(prediction, rows.level, own, rows.codes, len(rows.users))
        else:
            self.parts[trial_id, part] = score_part(prediction, rows.level, own)

    def _enter(self, split: int, seen: dict[object, int]) -> Callable[[str, Rows], None]:
        """What enters the users of a split's evaluation part, when its rows are first met."""

        def enter(part: str, rows: Rows) -> None:
            if part == self.study.evaluation_part:
                index = np.array([seen.setdefault(user, len(seen)) for user in rows.users], dtype=np.intp)
                self.users[split] = Users(index, np.bincount(rows.codes, minlength=len(rows.users)).astype(np.float64))

        return enter


def check_has_trials(study: Study) -> None:
    """Raise ``UserError`` where no trial of the study is there, as in a folder that was committed without its trials."""
    if not study.records:
        raise UserError(f"'{study.path}' holds no trial; this trains them: {study.command}")


def _aligned(held: HeldOut, split_rows: dict[str, Rows], enter: Callable[[str, Rows], None]) -> Prediction:
    """The prediction with its rows in the split's order, which the first trial of the split sets."""
    if held.part not in split_rows:
        split_rows[held.part] = Rows.of(held)
        enter(held.part, split_rows[held.part])
    order = split_rows[held.part].order_of(held)
    if order is None:
        return held.prediction
    points, mass = held.prediction.points, held.prediction.probabilities
    return Prediction(held.prediction.scale, None if points is None else points[order], None if mass is None else mass[order])


class _Total:
    """The running sum of the predictions of trials that differ only in seed and order."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.own = True
        self.sums: dict[str, list[NDArray[np.float32] | None]] = {}
        self.scale: RatingScale | None = None

    @property
    def n(self) -> int:
        """How many trials were added."""
        return len(self.records)

    def add(self, record: Record, parts: dict[str, Prediction], own: bool) -> None:
        """Add one trial's predictions by part."""
        self.records.append(record)
        self.own = own
        for name, prediction in parts.items():
            self.scale = prediction.scale
            new = [prediction.points, prediction.probabilities]
            old = self.sums.get(name)
            if old is None:
                self.sums[name] = [None if one is None else one.copy() for one in new]
            else:
                self.sums[name] = [None if a is None or b is None else a + b for a, b in zip(old, new, strict=True)]

    def predictions(self) -> dict[str, Prediction]:
        """The means, by part."""
        assert self.scale is not None
        return {
            name: Prediction(self.scale, *(None if one is None else one / np.float32(self.n) for one in sums))
            for name, sums in self.sums.items()
        }
