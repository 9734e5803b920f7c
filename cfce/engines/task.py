"""What every engine takes and gives."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cfce.batches import n_batches
from cfce.engines.schedule import one_cycle
from cfce.models.sizes import Scorer, Sizes
from cfce.options import TrainingOptions
from cfce.predictions import Prediction
from cfce.splits import Fold

if TYPE_CHECKING:
    from cfce.objectives.base import Objective


@dataclass(frozen=True, eq=False)
class Task:
    """One training, as an engine sees it: the data, the model and the options; it knows no variant by name."""

    fold: Fold
    scorer: Scorer
    objective: "Objective"
    options: TrainingOptions
    seed: int
    """Where the initial weights come from."""
    order: int
    """Where the order of the batches comes from."""
    device: str = "cpu"

    @property
    def sizes(self) -> Sizes:
        """The sizes of the model."""
        ratings = self.fold.ratings
        outputs = self.objective.outputs(ratings.scale)
        return Sizes(ratings.n_users, ratings.n_items, self.options.n_factors, ratings.scale, outputs, self.fold.train)

    @property
    def steps(self) -> int:
        """Steps an epoch."""
        return n_batches(len(self.fold.train), self.options.batch_size)

    def schedule(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Learning rate and momentum of every step of the training, (epochs * steps,) each."""
        return one_cycle(self.options.learning_rate, self.options.epochs * self.steps)


@dataclass(frozen=True)
class Epoch:
    """One epoch's figures: fastai's smoothed train loss, the mean loss over valid, and seconds (training and validation)."""

    train_loss: float
    valid_loss: float
    seconds: float


@dataclass(frozen=True, eq=False)
class Fitted:
    """What a training gives back: a line an epoch, predictions of the held-out parts, and what it cost."""

    history: tuple[Epoch, ...]
    predictions: dict[str, Prediction]
    """Part name (``'valid'``, ``'test'``) to its prediction, rows in the order of the part."""
    fit_seconds: float
    """The fit alone: neither set-up nor predictions."""
    peak_memory_mb: float
    """Peak device memory on CUDA, peak resident memory of the process on CPU."""
    n_parameters: int
    """0 where it is not known."""
    step_losses: tuple[float, ...] = field(default=())
    """The loss of every step, where the engine was asked to keep them."""
    timed: str = "fit"
    """What ``fit_seconds`` are of: ``'fit'``, or ``'process'`` where a program's start and files are in them."""
    printed: str = ""
    """What a program printed, or what an estimator tells of its fit."""

    @property
    def diverged(self) -> str | None:
        """Why this training counts as diverged, or None."""
        for number, epoch in enumerate(self.history, 1):
            for what, loss in (("train", epoch.train_loss), ("valid", epoch.valid_loss)):
                if not math.isfinite(loss):
                    return f"the {what} loss of epoch {number} is {loss}"
        return None
