"""Choosing a learning rate on valid, and what the choice costs on the part that claims are made on."""

from dataclasses import dataclass

import numpy as np

from bench.comparison.configurations import Configuration
from bench.comparison.scores import StudyScores
from cfce.errors import UserError
from cfce.metrics import Metric


@dataclass(frozen=True)
class Choice:
    """The learning rate of a configuration for one score, means over its trials, and the cost of having chosen on valid."""

    configuration: str
    metric: str
    learning_rate: float
    """The best on valid."""
    n: int
    """Trials at that learning rate."""
    valid_score: float
    evaluation_score: float
    best_learning_rate: float
    """The best on the part that claims are made on: what nobody may choose."""
    best_evaluation_score: float
    cost: float
    """How much worse than the best the chosen one is there, 0 or above."""
    candidates: tuple[float, ...]
    left_out: tuple[float, ...]
    """Learning rates with fewer good trials than others: one that diverges now and then is not chosen for its luck."""

    @property
    def edge(self) -> str:
        """``'lowest'`` or ``'highest'`` where the chosen rate is at an end of its grid, so that the grid decides; else empty."""
        if len(self.candidates) < 2:
            return ""
        return {min(self.candidates): "lowest", max(self.candidates): "highest"}.get(self.learning_rate, "")


def choose(scores: StudyScores, configuration: Configuration, metric: Metric) -> Choice:
    """The learning rate with the best mean valid score over seeds and splits, each metric for itself; chosen once.

    Raises ``UserError`` where the configuration has no trial with a score.
    """
    key = (configuration.name, metric.name)
    if key not in scores.choices:
        scores.choices[key] = _choose(scores, configuration, metric)
    found: Choice = scores.choices[key]
    return found


def _choose(scores: StudyScores, configuration: Configuration, metric: Metric) -> Choice:
    claim = scores.study.evaluation_part
    found = {}
    for rate in configuration.trials:
        trials = trials_at(scores, configuration, rate, metric)
        if trials:
            means = [np.mean([scores.score(one, part, metric.name) for one in trials]) for part in ("valid", claim)]
            found[rate] = (len(trials), float(means[0]), float(means[1]))
    if not found:
        raise UserError(
            f"'{configuration.name}' has no finished trial with a {metric.label}; look at the failed and diverged trials"
        )
    most = max(n for n, _, _ in found.values())
    candidates = tuple(rate for rate, (n, _, _) in found.items() if n == most)
    gains = {rate: (metric.gain(found[rate][1]), metric.gain(found[rate][2])) for rate in candidates}
    chosen = max(candidates, key=lambda rate: gains[rate][0])
    best = max(candidates, key=lambda rate: gains[rate][1])
    return Choice(
        configuration=configuration.name,
        metric=metric.name,
        learning_rate=chosen,
        n=most,
        valid_score=found[chosen][1],
        evaluation_score=found[chosen][2],
        best_learning_rate=best,
        best_evaluation_score=found[best][2],
        cost=gains[best][1] - gains[chosen][1],
        candidates=candidates,
        left_out=tuple(rate for rate in configuration.trials if rate not in candidates),
    )


def trials_at(scores: StudyScores, configuration: Configuration, rate: float, metric: Metric) -> list[str]:
    """The ids of the configuration's trials at a learning rate that have this score on the evaluation part."""
    claim = scores.study.evaluation_part
    return [one.trial_id for one in configuration.trials[rate] if np.isfinite(scores.score(one.trial_id, claim, metric.name))]
