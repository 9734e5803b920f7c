"""Units of work: trials that a worker trains in one go."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from bench.plan.trial import Trial
from cfce.engines import ENGINES

Unit = tuple[Trial, ...]


MOST = {"cpu": 8, "cuda": 64}
"""Trials a unit where the user named no size: a worker that dies or hangs takes no more than these with it."""


def units_of(trials: Sequence[Trial], at_once: int | None = None, jobs: int = 1) -> list[Unit]:
    """Trials grouped for engines that batch: those that differ in split, seed, order and learning rate alone.

    A group is cut into units of at most ``at_once`` trials; None shares a group of the CPU out among all jobs first. Every
    other trial is a unit of its own. The order of the first trial of each unit is kept.
    """
    groups: dict[Trial | int, list[Trial]] = defaultdict(list)
    for number, trial in enumerate(trials):
        groups[_alike(trial) if _batches(trial) else number].append(trial)
    units: list[Unit] = []
    for group in groups.values():
        size = at_once or _automatic(len(group), group[0].device, jobs)
        units += [tuple(group[start : start + size]) for start in range(0, len(group), size)]
    return units


def _automatic(n_trials: int, device: str, jobs: int) -> int:
    share = -(-n_trials // jobs) if device == "cpu" else n_trials
    return min(share, MOST[device])


def _batches(trial: Trial) -> bool:
    """Whether the engine of a trial can train several in one pass."""
    return trial.engine in ENGINES and ENGINES[trial.engine].fit_batch is not None


def _alike(trial: Trial) -> Trial:
    """What trials that can be batched have in common."""
    return replace(trial, split=0, seed=0, order=0, options=trial.options.replaced(learning_rate=1.0), trial_id="")
