"""What configurations cost and what they give for it: seconds of a fit beside scores, and which no other beats in both."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from bench.comparison.choice import chosen_trials
from bench.comparison.configurations import Configuration
from bench.comparison.scores import StudyScores
from bench.statistics.front import front
from cfce.metrics import METRICS

COST_METRICS = ("rmse", "nll")
"""The scores that are set beside the cost."""
WORTH = 2.0
"""How many times the seconds of the fastest the slowest must take for cost to matter."""
FEWEST = 3
"""Configurations below which there is nothing to choose from."""


@dataclass(frozen=True)
class Offer:
    """A configuration at what its fits chose on valid for one score."""

    configuration: str
    family: str
    seconds: float
    """Of the fastest of its fits: what else a machine does can only add."""
    score: float
    """The mean over its fits, on the evaluation part."""
    n: int
    whole_process: bool
    """Whether a fit's seconds hold a program's start and its files too."""
    spread: float
    """How many times the seconds of the fastest of its fits the slowest took."""
    on_front: bool = False
    """Whether no other configuration takes at most its seconds and scores at least as well, and is better in one of the two."""


def offers(scores: StudyScores) -> Mapping[str, tuple[Offer, ...]]:
    """By metric the configurations that were timed, from the fastest to the slowest.

    Empty where the seconds cannot be compared (several machines or devices), or where those of what was trained are alike.
    """
    if not _on_one_machine(scores):
        return {}
    found = {name: _offers(scores, name) for name in COST_METRICS}
    for offered in found.values():
        trained = [one.seconds for one in offered if one.family != "baseline"]
        if len(trained) >= FEWEST and max(trained) >= WORTH * min(trained):
            return found
    return {}


def _on_one_machine(scores: StudyScores) -> bool:
    """Whether all trials ran on one device of one machine."""
    around = [plan["environment"] for plan in scores.study.plans]
    machines = {(one.get("cpu"), one.get("cores"), one.get("platform")) for one in around}
    devices = {record.trial.device for record in scores.study.ok if not record.external}
    return len(machines) == 1 and len(devices) == 1


def _offers(scores: StudyScores, name: str) -> tuple[Offer, ...]:
    found = [one for one in (_offer(scores, each, name) for each in scores.configurations.values()) if one is not None]
    metric = METRICS[name]
    losses = np.array([-metric.gain(one.score) for one in found])
    kept = front(np.array([one.seconds for one in found]), losses)
    made = (replace(one, on_front=bool(on)) for one, on in zip(found, kept, strict=True))
    return tuple(sorted(made, key=lambda one: one.seconds))


def _offer(scores: StudyScores, configuration: Configuration, name: str) -> Offer | None:
    """A configuration's offer, not yet beside others; None where it has no times or not this score."""
    part = scores.study.evaluation_part
    records = {one.trial_id: one for one in configuration.records}
    chosen = [one for one in chosen_trials(scores, configuration, METRICS[name]) if records[one].fit_seconds]
    if not chosen:
        return None
    each = [records[one].fit_seconds or 0.0 for one in chosen]
    score = float(np.mean([scores.score(one, part, name) for one in chosen]))
    whole = any(records[one].timed == "process" for one in chosen)
    return Offer(configuration.name, configuration.family, min(each), score, len(chosen), whole, max(each) / min(each))
