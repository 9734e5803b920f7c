"""The engine ``torch``: any module on any device, batched over trials."""

from collections.abc import Sequence
from importlib import import_module

from cfce.engines.engine import Engine, Report, trains_by_adam
from cfce.engines.task import Fitted, Task


def _fit(task: Task, keep_step_losses: bool) -> Fitted:
    from cfce.engines.torch_engine import fit

    return fit(task, keep_step_losses)


def _fit_batch(tasks: Sequence[Task], size: int | None, report: Report | None) -> list[Fitted]:
    from cfce.engines.torch_engine import fit_batched

    return fit_batched(tasks, size, report)


def _load() -> None:
    import_module("cfce.engines.torch_engine")


TORCH = Engine(
    name="torch",
    description="any module on any device without fastai's loaders; trials that differ in seed and learning rate train batched",
    fit=_fit,
    devices=("cpu", "cuda"),
    libraries=("numpy", "torch"),
    load=_load,
    fit_batch=_fit_batch,
    refusal=trains_by_adam,
    rank=1,
)
