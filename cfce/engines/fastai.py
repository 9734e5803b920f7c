"""The engine ``fastai``, the reference: real fastai loaders and ``Learner``."""

from cfce.engines.engine import Engine, trains_by_adam
from cfce.engines.task import Fitted, Task


def _fit(task: Task, keep_step_losses: bool) -> Fitted:
    from cfce.engines.fastai_engine import fit

    return fit(task, keep_step_losses)


FASTAI = Engine(
    name="fastai",
    description="the reference: real fastai loaders and Learner, as a reader of the book would write it; any device",
    fit=_fit,
    devices=("cpu", "cuda"),
    libraries=("fastai", "fastcore", "numpy", "torch"),
    refusal=trains_by_adam,
    rank=0,
)
