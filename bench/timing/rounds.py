"""One fit of a case, and what comes before the first."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from bench.timing.cases import REFERENCE, Case
from cfce.engines import ENGINES
from cfce.options import TrainingOptions
from cfce.splits import Fold

WARM_UP_BATCHES = 10
"""Batches of the warm-up of the reference engine, whose whole epoch would take longer than most measurements."""


@dataclass(frozen=True)
class Round:
    """One fit of a case."""

    seconds: float
    """Of one trial's epoch."""
    n_parameters: int
    peak_memory_mb: float | None


def fit_round(case: Case, fold: Fold, options: TrainingOptions) -> Round:
    """Fit a case once."""
    tasks, engine = case.tasks(fold, options), ENGINES[case.engine]
    if case.trials > 1 and engine.fit_batch is not None:
        fitted = engine.fit_batch(tasks, None, None)
    else:
        fitted = [engine.fit(tasks[0], False)]
    seconds = sum(one.fit_seconds for one in fitted) / len(fitted)  # each trial of a batch has its share of the time
    return Round(seconds / options.epochs, fitted[0].n_parameters, fitted[0].peak_memory_mb)


def warm_up(case: Case, fold: Fold, options: TrainingOptions) -> None:
    """Fit a case for one epoch, the reference engine for some batches."""
    if case.engine == REFERENCE:
        fold = shortened(fold, WARM_UP_BATCHES * options.batch_size)
    fit_round(case, fold, replace(options, epochs=1))


def shortened(fold: Fold, n: int) -> Fold:
    """The fold with at most n rows of each part."""
    rows = [np.ascontiguousarray(one[:n]) for one in (fold.train_rows, fold.valid_rows, fold.test_rows)]
    return Fold(fold.ratings, fold.protocol, fold.split, *rows)


@contextmanager
def torch_threads(threads: int, needed: bool = True) -> Iterator[None]:
    """Give torch a number of threads for a while; without need, torch is not even imported."""
    if not needed:
        yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
