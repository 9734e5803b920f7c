"""Scores made where the predictions were, so that the report need not make them one after the other when all else is done."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from cfce.registry import BUILT_IN
from cfce.scale import RatingScale

if TYPE_CHECKING:
    from bench.study.score_file import KeptScores


def scorer(scale: RatingScale) -> "Callable[[bytes, bytes], KeptScores | None]":
    """The function from the files of a trial's predictions and of their rows to its scores: those that the report would make.

    None, so that the report makes them, where a plug-in has metrics: what these do is no part of a trial.
    """
    from cfce.metrics import METRICS

    if any(METRICS.source(name) != BUILT_IN for name in METRICS):
        return lambda predictions, rows: None
    from bench.comparison.kept import Reducer

    for name in ("scipy.optimize", "scipy.special"):  # for points: now, and not in the time of a trial
        import_module(name)
    return Reducer(scale).kept_in
