"""The training loop of the torch engine: the same for one trial and for a batch of trials. Importing this file imports torch.

It changes no global state of torch: neither the number of threads (a harness that trains trials side by side gives each
process one thread, the fastest at these sizes) nor a generator that outlives the fit.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from cfce.engines.memory import peak_resident_mb
from cfce.engines.smooth_loss import SmoothLoss
from cfce.engines.task import Epoch, Fitted, Task
from cfce.engines.torch_data import ROWS_AT_ONCE, Batches, Columns, part_columns
from cfce.predictions import Prediction


class Trainee(Protocol):
    """S networks with their optimiser; columns come as (S, B), and nothing that it does waits for the device."""

    n_parameters: int
    """The parameters of one network."""

    def step(self, batch: Columns) -> torch.Tensor:
        """Predict, loss, backward, step, zero the gradients; the losses before the step, (S,)."""

    def losses(self, batch: Columns) -> torch.Tensor:
        """The mean losses of held-out ratings, (S,)."""

    def outputs(self, batch: Columns) -> torch.Tensor:
        """The outputs for held-out ratings, (S, B) or (S, B, K)."""

    def end_epoch(self) -> None:
        """Called after each epoch, when the device may be waited for."""


class Clock:
    """Moments on a device: CUDA events, read when all is done, or the processor's clock."""

    def __init__(self, device: torch.device) -> None:
        self._cuda = device.type == "cuda"
        self._marks: list[torch.cuda.Event | float] = []

    def mark(self) -> None:
        """Remember this moment in the device's own order of work, without waiting for it."""
        if self._cuda:
            event = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
            event.record()
            self._marks.append(event)
        else:
            self._marks.append(time.perf_counter())

    def seconds(self) -> list[float]:
        """The seconds between each mark and the next."""
        return [self._between(a, b) for a, b in zip(self._marks, self._marks[1:], strict=False)]

    def _between(self, start: "torch.cuda.Event | float", end: "torch.cuda.Event | float") -> float:
        if isinstance(start, float) or isinstance(end, float):
            return float(end) - float(start)  # type: ignore[arg-type]
        end.synchronize()
        return float(start.elapsed_time(end)) / 1000


def train(tasks: Sequence[Task], trainee: Trainee, device: torch.device, keep_step_losses: bool) -> list[Fitted]:
    """Train S networks side by side; seconds are a trial's share, 1/S, of the time that all of them took together."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    n_epochs, n_trials = tasks[0].options.epochs, len(tasks)
    batches = Batches(tasks, device)
    valid = [part_columns(task.fold.valid, device) for task in tasks]
    smooth = [SmoothLoss() for _ in tasks]
    step_losses: list[NDArray[np.float32]] = []
    figures: list[tuple[list[float], list[float]]] = []
    clock = Clock(device)
    clock.mark()
    for _ in range(n_epochs):
        losses = [trainee.step(batch) for batch in batches.epoch()]
        valid_losses = _valid_losses(trainee, valid)
        clock.mark()
        epoch_losses = torch.stack(losses, dim=1).cpu().numpy()  # (S, steps): the epoch's one wait for the device
        trainee.end_epoch()
        step_losses.append(epoch_losses)
        train_losses = [average.update(own) for average, own in zip(smooth, epoch_losses, strict=True)]
        figures.append((train_losses, valid_losses.cpu().tolist()))
    seconds = [one / n_trials for one in clock.seconds()]
    predictions = _predictions(tasks, trainee, device)
    peak = torch.cuda.max_memory_allocated(device) / 1e6 if device.type == "cuda" else peak_resident_mb()
    kept = np.concatenate(step_losses, axis=1).tolist() if keep_step_losses else [()] * n_trials
    return [
        Fitted(
            history=tuple(
                Epoch(train_losses[i], valid_losses[i], spent)
                for (train_losses, valid_losses), spent in zip(figures, seconds, strict=True)
            ),
            predictions=predictions[i],
            fit_seconds=sum(seconds),
            peak_memory_mb=peak,
            n_parameters=trainee.n_parameters,
            step_losses=tuple(kept[i]),
        )
        for i in range(n_trials)
    ]


def _pieces(columns: Sequence[Columns]) -> Iterator[Columns]:
    """Held-out columns of S tasks in pieces of (S, rows) int64."""
    rows = max(ROWS_AT_ONCE // len(columns), 1)
    for start in range(0, len(columns[0][0]), rows):
        user, item, level = (
            torch.stack([column[start : start + rows] for column in same]).long() for same in zip(*columns, strict=True)
        )
        yield user, item, level


def _valid_losses(trainee: Trainee, columns: Sequence[Columns]) -> torch.Tensor:
    n = len(columns[0][0])
    sums = [trainee.losses(piece).double() * piece[0].shape[1] for piece in _pieces(columns)]
    return torch.stack(sums).sum(dim=0) / n


def _predictions(tasks: Sequence[Task], trainee: Trainee, device: torch.device) -> list[dict[str, Prediction]]:
    predictions: list[dict[str, Prediction]] = [{} for _ in tasks]
    for name in tasks[0].fold.held_out:
        columns = [part_columns(task.fold.part(name), device) for task in tasks]
        outputs = torch.cat([trainee.outputs(piece).float().cpu() for piece in _pieces(columns)], dim=1).numpy()
        for task, own, output in zip(tasks, predictions, outputs, strict=True):
            own[name] = task.objective.predict(output, task.fold.scale)
    return predictions
