"""One pass over a study's predictions, split by split: each is read once, scored, and let go. Scores that are kept are taken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from bench.comparison.configurations import Configuration
from bench.comparison.ensemble import Ensemble, MeanPrediction
from bench.comparison.kept import from_kept
from bench.comparison.part_scores import PartScores
from bench.comparison.rows import Rows
from bench.comparison.trial_scores import Predictions, TrialScores, score_trial, with_distributions
from bench.study.held_out import HeldOut
from bench.study.record import Record
from bench.study.score_file import JudgedUsers
from bench.study.study import Study
from cfce.errors import UserError
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
        """Score trials that differ only in seed and order, and their ensemble where all of them have predictions."""
        mean, members, some_keep_scores = MeanPrediction(), [], False
        ok = [record for record in records if record.status == "ok"]
        for record in ok:
            at_hand = record.trial_id in self._study.scored
            if at_hand or not record.keeps_predictions:
                self._take_scores(record)
                some_keep_scores |= not record.keeps_predictions
                if len(ok) == 1 or not record.keeps_predictions:
                    continue
            found = self._predictions(record)
            if found is not None:
                parts, sigma = found
                if not at_hand:
                    self._score(record.trial_id, parts, sigma)
                mean.add(dict(parts))
                members.append(record)
        if len(members) > 1 and not some_keep_scores:
            ensemble = Ensemble.of(configuration, members)
            self._found.ensembles.append(ensemble)
            self._score(ensemble.id, mean.parts())  # the mean of distributions, of points too, gets a temperature of its own

    def _predictions(self, record: Record) -> tuple[Predictions, float | None] | None:
        """A trial's predictions by part, with distributions, and the sigma of points.

        None, and why in ``problems``, where they cannot be used.
        """
        try:
            held = self._study.predictions(record)
            return with_distributions({name: self._aligned(one, record.trial.split) for name, one in held.items()}, self._rows)
        except Exception as error:  # whatever a damaged or foreign file makes its reader raise
            self._found.problems[record.trial_id] = f"its predictions cannot be used: {short(error)}"
            return None

    def _take_scores(self, record: Record) -> None:
        """The scores that a trial keeps in the place of its predictions."""
        try:
            kept = self._study.kept_scores(record)
            place = self._place_of(record.trial.split, kept.users)
            found = from_kept(kept)
            parts = {
                name: one if place is None else replace(one, user_sums=_placed(one.user_sums, place))
                for name, one in found.parts.items()
            }
            self._keep(record.trial_id, replace(found, parts=parts))
        except Exception as error:  # as of predictions
            self._found.problems[record.trial_id] = f"its scores cannot be used: {short(error)}"

    def _aligned(self, held: HeldOut, split: int) -> Prediction:
        """The prediction with its rows in the split's order, which the first trial of the split sets."""
        if held.part not in self._rows:
            self._rows[held.part] = self._entered(Rows.of(held), held.part, split)
        order = self._rows[held.part].order_of(held)
        if order is None:
            return held.prediction
        of = held.prediction
        points, mass = (None if one is None else one[order] for one in (of.points, of.probabilities))
        return Prediction(of.scale, points, mass, sigma=of.sigma)

    def _entered(self, rows: Rows, part: str, split: int) -> Rows:
        """The rows, on the evaluation part with the users in the split's order."""
        if part != self._study.evaluation_part:
            return rows
        place = self._place_of(split, JudgedUsers(rows.users, np.bincount(rows.codes, minlength=len(rows.users))))
        if place is None:
            return rows
        users = np.empty_like(rows.users)
        users[place] = rows.users
        return replace(rows, users=users, codes=place[rows.codes])

    def _place_of(self, split: int, users: JudgedUsers) -> NDArray[np.intp] | None:
        """Where each user stands in the split's order, which the first trial of the split sets; None where in that order.

        Raises ``UserError`` where they are not the same users with as many ratings.
        """
        number = self._user_number
        first = self._found.users.get(split)
        if first is None:
            index = np.array([number.setdefault(user, len(number)) for user in users.user], dtype=np.intp)
            self._found.users[split] = Users(index, users.count.astype(np.float64))
            return None
        index = np.array([number.get(user, -1) for user in users.user], dtype=np.intp)
        if np.array_equal(index, first.index) and np.array_equal(users.count, first.counts):
            return None
        mine, theirs = np.argsort(first.index), np.argsort(index)
        if not (np.array_equal(first.index[mine], index[theirs]) and np.array_equal(first.counts[mine], users.count[theirs])):
            raise UserError("the users are not those of other trials of the split")
        place = np.empty(len(index), dtype=np.intp)
        place[theirs] = mine
        return place

    def _score(self, key: str, parts: Predictions, sigma: float | None = None) -> None:
        self._keep(key, score_trial(parts, self._rows, self._study.evaluation_part, sigma))

    def _keep(self, key: str, found: TrialScores) -> None:
        self._found.parts.update({(key, name): one for name, one in found.parts.items()})
        if found.sigma is not None:
            self._found.sigmas[key] = found.sigma
        if found.temperature is not None:
            self._found.temperatures[key] = found.temperature
        for name, why in found.failed.items():
            self._found.failed_metrics.setdefault(name, why)


def _placed(sums: Mapping[str, NDArray[np.float32]], place: NDArray[np.intp]) -> dict[str, NDArray[np.float32]]:
    """Sums by user in the order that ``place`` gives."""
    found = {name: np.empty_like(one) for name, one in sums.items()}
    for name, one in sums.items():
        found[name][place] = one
    return found
