"""The scores of a study: what one pass over its predictions leaves, and all that tables, figures and statistics are made from.

    scores = StudyScores.of(study)          # reads each prediction file once, a trial at a time
    scores.results                          # DataFrame: the columns of results.csv, a row a trial
    scores.configurations                   # {"regression": Configuration, ...}: what is compared
    scores.parts[trial_id, "test"].grid     # {(decoder, metric): score}; also .confusion, .calibration, .scores, .user_sums
    scores.ensembles                        # seed ensembles; their scores are scores.parts[ensemble.id, part]
    scores.ensemble_results                 # DataFrame: the same score columns, a row an ensemble
    scores.against("bias")                  # DataFrame: skill against any configuration, on the same split
    scores.problems                         # {trial_id: why its predictions could not be read}
    scores.failed_metrics                   # {metric: why it raised}; scores.problem_lines tells both

Memory: besides the pass's one trial and one running mean of distributions, a few numbers and the per-user sums of
losses of each trial on the part that claims are made on; a thousand trials of MovieLens 100k hold about 30 MB.
"""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bench.comparison.configurations import Configuration, configurations_of, ensemble_name
from bench.comparison.ensemble import Ensemble
from bench.comparison.part_scores import PartScores
from bench.comparison.results import ensemble_rows, skill_rows, trial_rows
from bench.comparison.scoring import Scored, ScoringPass, Users
from bench.study.study import Study
from cfce.errors import UserError
from cfce.metrics import Metric

if TYPE_CHECKING:
    import pandas as pd


class StudyScores:
    """What one pass over a study's predictions leaves; make it with ``of``."""

    def __init__(self, study: Study, configurations: dict[str, Configuration], scored: Scored) -> None:
        self.study = study
        self.configurations = configurations
        self.parts: dict[tuple[str, str], PartScores] = scored.parts
        self.ensembles: list[Ensemble] = scored.ensembles
        self.users: dict[int, Users] = scored.users
        self.user_ids: list[object] = scored.user_ids
        self.sigmas: dict[str, float] = scored.sigmas
        self.temperatures: dict[str, float] = scored.temperatures
        self.problems: dict[str, str] = scored.problems
        self.failed_metrics: dict[str, str] = scored.failed_metrics
        self.choices: dict[tuple[str, str], Any] = {}
        """(configuration, metric) to its ``Choice``, made once: see ``choose``."""

    @classmethod
    def of(cls, study: Study, progress: Callable[[int, int], None] | None = None) -> "StudyScores":
        """Read and score every prediction of a study; ``progress`` is told (trials done, trials in all).

        Raises ``UserError`` where no trial of the study is there, as in a folder that was committed without its trials.
        """
        check_has_trials(study)
        configurations = configurations_of(study.records, study.settings["variants"])
        return cls(study, configurations, ScoringPass(study).run(configurations, progress))

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
                name = ensemble_name(configuration.name)
                while name in self.configurations:  # an added model may be called so
                    name += "'"
                found[name] = Configuration(
                    name,
                    configuration.variant,
                    configuration.family,
                    configuration.protocol,
                    {rate: records for rate, records in rates.items() if records},
                    configuration,
                )
        return found

    def members(self, name: str) -> int:
        """How many trainings each seed ensemble of a configuration of ensembles is the mean of; 0 for one of single trainings."""
        found = self.configuration(name)
        if found.ensemble_of is None:
            return 0
        ids = {record.trial_id for record in found.records}
        return max(one.n for one in self.ensembles if one.id in ids)

    def configuration(self, name: str) -> Configuration:
        """A configuration, of trials or of ensembles, by its name."""
        return self.configurations[name] if name in self.configurations else self.ensemble_configurations[name]

    @property
    def problem_lines(self) -> list[str]:
        """What could not be read or computed, a line each."""
        return [
            *(f"trial {trial_id}: {problem}" for trial_id, problem in self.problems.items()),
            *(f"the metric '{name}' failed and has no score: {why}" for name, why in self.failed_metrics.items()),
        ]

    @property
    def names(self) -> list[str]:
        """Every configuration, of trials and of ensembles, by name."""
        return [*self.configurations, *self.ensemble_configurations]

    @cached_property
    def results(self) -> "pd.DataFrame":
        """One row a trial, in plan order, with the columns of ``results.csv``."""
        return trial_rows(self.study, self.configurations, self.parts, self.problems)

    @cached_property
    def ensemble_results(self) -> "pd.DataFrame":
        """One row an ensemble: configuration, learning_rate, split, n, then the score columns of ``results``; may be empty."""
        return ensemble_rows(self.study, self.configurations, self.parts, self.ensembles)

    def against(self, reference: str) -> "pd.DataFrame":
        """Skill of every trial against a configuration or variant on the same split: trial_id and ``SKILLS`` by part."""
        return skill_rows(self.study, self.configurations, self.parts, reference)

    def score(self, trial_id: str, part: str, name: str) -> float:
        """One score of one trial or ensemble; NaN where it has none."""
        found = self.parts.get((trial_id, part))
        return found.scores[name] if found else float("nan")

    @cached_property
    def rows_judged(self) -> dict[int, int]:
        """Split to the ratings of the part that claims are made on."""
        part = self.study.evaluation_part
        return {record.trial.split: self.study.sizes(record).get(part, 0) for record in self.study.records}

    @cached_property
    def held_out_by_train(self) -> float:
        """The mean over the trials of judged to trained ratings; NaN where no record says how many were trained on."""
        part = self.study.evaluation_part
        sizes = [self.study.sizes(record) for record in self.study.records]
        ratios = [one[part] / one["train"] for one in sizes if one.get("train") and part in one]
        return float(np.mean(ratios)) if ratios else float("nan")

    def user_counts(self, splits: Iterable[int]) -> NDArray[np.float64]:
        """The ratings of each user in the evaluation parts of some splits, (users,)."""
        counts = np.zeros(len(self.user_ids))
        for split in splits:
            counts[self.users[split].index] += self.users[split].counts
        return counts

    def user_sums(self, trial_id: str, metric: Metric) -> NDArray[np.float32]:
        """The sum of a metric's loss over each user's ratings of the evaluation part, aligned with ``users[split].index``."""
        sums = self.parts[trial_id, self.study.evaluation_part].user_sums
        if metric.loss_name not in sums:
            raise UserError(f"trial {trial_id} has no losses by user")
        return sums[metric.loss_name]


def check_has_trials(study: Study) -> None:
    """Raise ``UserError`` where no trial of the study is there, as in a folder that was committed without its trials."""
    if not study.records:
        raise UserError(f"'{study.path}' holds no trial; this trains them: {study.command}")
