"""The ratings of one or several tasks as tensors on the device, and their batches by index. Importing this file imports torch."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from cfce.batches import epoch_order
from cfce.engines.task import Task
from cfce.seeds import stream
from cfce.splits import Part

ROWS_AT_ONCE = 32_768
"""Ratings a task that are gathered, or predicted, at once: what bounds the memory beside the ratings themselves."""

Columns = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""User, item and level."""


class Batches:
    """The training batches of S tasks with folds of one size; a fold that tasks share is on the device once.

    Ratings stay in 9 bytes each; the batches that a module sees are int64, and only a few hundred of them exist at a time.
    """

    def __init__(self, tasks: Sequence[Task], device: torch.device) -> None:
        self._device = device
        parts = {id(task.fold): task.fold.train for task in tasks}
        columns = {key: part_columns(part, device) for key, part in parts.items()}
        self._columns = [columns[id(task.fold)] for task in tasks]
        self._n = len(tasks[0].fold.train)
        self._options = tasks[0].options
        self._orders = [stream(task.order, "order") for task in tasks]
        self._n_steps = tasks[0].steps

    def epoch(self) -> Iterator[Columns]:
        """The batches of the next epoch, each as (S, B) int64."""
        size = self._options.batch_size
        orders = [torch.from_numpy(epoch_order(self._n, self._options.sampler, rng)).to(self._device) for rng in self._orders]
        stride = max(ROWS_AT_ONCE // size, 1) * size
        for start in range(0, self._n_steps * size, stride):
            stop = min(start + stride, self._n_steps * size)
            gathered = [
                [column[order[start:stop]].view(-1, size) for column in columns]
                for order, columns in zip(orders, self._columns, strict=True)
            ]
            user, item, level = (torch.stack(column, dim=1).long() for column in zip(*gathered, strict=True))  # (steps, S, B)
            yield from zip(user.unbind(0), item.unbind(0), level.unbind(0), strict=True)


def part_columns(part: Part, device: torch.device) -> Columns:
    """The columns of a part on the device; on the CPU they share the part's memory."""
    return _tensor(part.user, device), _tensor(part.item, device), _tensor(part.level, device)


def _tensor(array: NDArray[np.generic], device: torch.device) -> torch.Tensor:
    writeable = array if array.flags.writeable else array.copy()  # torch warns of memory that it may not write
    return torch.from_numpy(writeable).to(device)
