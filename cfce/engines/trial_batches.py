"""Which tasks train in one pass, and how many at once. Importing this file imports torch."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

import torch

from cfce.engines.batched_networks import BatchedNetworks
from cfce.engines.mapped_network import CannotBatchError
from cfce.engines.task import Fitted, Task
from cfce.engines.torch_data import Columns, part_columns
from cfce.engines.torch_loop import train
from cfce.errors import UserError

ON_CPU = 8
"""Trials a batch on the CPU: more share the cost of a step among more, but no longer fit the processor's cache."""
ON_CUDA = 64
"""The most trials a batch on a CUDA device; fewer where its memory is short."""

_SHARE_OF_FREE = 0.7
"""How much of the free device memory the automatic size plans for."""
_COPIES = 6
"""Weights, gradients, two averages, and room for a dense gradient and the step's temporaries."""


def fit_trial_batches(
    tasks: Sequence[Task],
    at_once: int | None,
    log: Callable[[str], None],
    fit_as_it_is: Callable[[Task, bool], Fitted],
    keep_step_losses: bool,
) -> list[Fitted]:
    """Train tasks in as few passes as ``at_once`` allows; a module that cannot be batched is given to ``fit_as_it_is``."""
    if at_once is not None and at_once < 1:
        raise UserError(f"{at_once} trials at once came; it is a whole number, 1 or above: 1 trains each trial alone")
    groups: dict[Hashable, list[int]] = {}
    for number, task in enumerate(tasks):
        groups.setdefault(_alike(task), []).append(number)
    results: dict[int, Fitted] = {}
    for numbers in groups.values():
        results |= _fit_group(
            dict(zip(numbers, [tasks[i] for i in numbers], strict=True)), at_once, log, fit_as_it_is, keep_step_losses
        )
    return [results[number] for number in range(len(tasks))]


def _fit_group(
    tasks: dict[int, Task],
    at_once: int | None,
    log: Callable[[str], None],
    fit_as_it_is: Callable[[Task, bool], Fitted],
    keep_step_losses: bool,
) -> dict[int, Fitted]:
    results: dict[int, Fitted] = {}
    waiting = list(tasks)
    size = at_once or _automatic_size(tasks[waiting[0]])
    told = as_it_is = False
    while waiting:
        passes = -(-len(waiting) // size)
        numbers = waiting[: -(-len(waiting) // passes)]  # batches of about one size: 9 trials are 5 and 4, not 8 and 1
        chosen = [tasks[number] for number in numbers]
        short = False
        try:
            fitted = [fit_as_it_is(chosen[0], keep_step_losses)] if as_it_is else _fit_together(chosen, keep_step_losses)
        except CannotBatchError as error:
            if len(tasks) > 1 and size > 1:
                name = getattr(chosen[0].scorer, "__name__", "scorer")
                log(f"the module of '{name}' trains alone, not batched: {error}")
            size, as_it_is = 1, True
            continue
        except (torch.OutOfMemoryError, RuntimeError) as error:
            if len(chosen) == 1 or not _lacks_memory(error):
                raise
            short = True  # go on outside: the exception keeps the batch's tensors alive
        if short:
            size = len(chosen) // 2
            if chosen[0].device != "cpu":
                torch.cuda.empty_cache()
            if not told:
                log(f"a batch of {len(chosen)} trials is too large for the memory of {chosen[0].device}; smaller ones follow")
                told = True
            continue
        results |= dict(zip(numbers, fitted, strict=True))
        waiting = waiting[len(numbers) :]
    return results


def _fit_together(tasks: Sequence[Task], keep_step_losses: bool) -> list[Fitted]:
    device = torch.device(tasks[0].device)
    return train(tasks, BatchedNetworks(tasks, device, _example(tasks, device)), device, keep_step_losses)


def _example(tasks: Sequence[Task], device: torch.device) -> Columns:
    """A batch to try the module on, (S, B) int64."""
    size = tasks[0].options.batch_size
    columns = zip(*[part_columns(task.fold.train, device) for task in tasks], strict=True)
    user, item, level = (torch.stack([column[:size] for column in same]).long() for same in columns)
    return user, item, level


def _alike(task: Task) -> Hashable:
    """What trials of one batch have in common: all but seed, order, learning rate and the fold's rows."""
    fold = task.fold
    sizes = (len(fold.train_rows), len(fold.valid_rows), len(fold.test_rows))
    return id(task.scorer), id(task.objective), task.sizes, task.device, sizes, replace(task.options, learning_rate=1.0)


def _automatic_size(task: Task) -> int:
    if task.device == "cpu":
        return ON_CPU
    from cfce.engines.network import build_network

    free, _ = torch.cuda.mem_get_info(torch.device(task.device))
    n_parameters = sum(parameter.numel() for parameter in build_network(task).parameters())
    a_trial = 4 * _COPIES * max(n_parameters, 1) + 16 * len(task.fold.train_rows)
    return min(max(int(free * _SHARE_OF_FREE / a_trial), 1), ON_CUDA)


def _lacks_memory(error: BaseException) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
