"""Units of work: trials that a worker trains in one go."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from bench.trial import Trial

Unit = tuple[Trial, ...]


AUTOMATIC = {"cpu": 8, "cuda": 64}
"""Trials a stack where the user named no number: a CPU gains little beyond 8; the engine makes fewer fit a small CUDA device."""


def units_of(trials: Sequence[Trial], stack: int | None = None) -> list[Unit]:
    """Trials grouped for stacking: those of the ``torch`` engine that differ in seed, order and learning rate alone.

    A group is cut into units of at most ``stack`` trials (None: automatic); every other trial is a unit of its own. The
    order of the first trial of each unit is kept.
    """
    groups: dict[Trial | int, list[Trial]] = defaultdict(list)
    for number, trial in enumerate(trials):
        groups[_stackable(trial) if trial.engine == "torch" else number].append(trial)
    units = []
    for group in groups.values():
        size = stack or AUTOMATIC[group[0].device]
        units += [tuple(group[start : start + size]) for start in range(0, len(group), size)]
    return units


def _stackable(trial: Trial) -> Trial:
    """What trials that can be stacked have in common."""
    return replace(trial, seed=0, order=0, options=replace(trial.options, learning_rate=1.0))
