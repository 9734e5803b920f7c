"""The engines behind one function."""

from collections.abc import Callable, Sequence

from cfce.errors import UserError, unknown_name
from cfce.models.dot_product_bias import dot_product_bias
from cfce.models.sizes import Scorer
from cfce.objectives.base import Objective, usable_kernel
from cfce.training.task import Fitted, Task

ENGINES: dict[str, str] = {
    "fastai": "the reference: real fastai loaders and Learner, as a reader of the book would write it; any device",
    "torch": "any module on any device without fastai's loaders; trials that differ in seed and learning rate train stacked",
    "fused": "one compiled loop on the CPU for the built-in scorer; the default there",
    "baseline": "fitted in closed form, not trained: for baselines alone",
}
"""Name to its description."""
TRAINABLE = tuple(name for name in ENGINES if name != "baseline")
"""The engines that train by epochs: those that a user may ask for."""


def engines_for(scorer: Scorer | None, objective: Objective | None) -> tuple[str, ...]:
    """The engines that can train a scorer with an objective; a baseline, without a scorer, has one of its own."""
    if scorer is None or objective is None:
        return ("baseline",)
    fused = scorer is dot_product_bias and usable_kernel(objective)
    return ("fastai", "torch", "fused") if fused else ("fastai", "torch")


def default_engine(device: str, scorer: Scorer | None, objective: Objective | None) -> str:
    """The fastest engine: on the CPU ``fused`` where it knows scorer and objective, else ``torch``."""
    engines = engines_for(scorer, objective)
    if engines == ("baseline",):
        return "baseline"
    return "fused" if device == "cpu" and "fused" in engines else "torch"


def fit(task: Task, engine: str, keep_step_losses: bool = False) -> Fitted:
    """Train a task with an engine; ``keep_step_losses`` records the loss of every step.

    Raises ``UserError`` for an unknown engine, and for one that does not know the task's scorer, objective or device.
    """
    check_engine(task, engine)
    if engine == "fused":
        from cfce.training.fused_engine import fit as fit_fused

        return fit_fused(task, keep_step_losses)
    if engine == "torch":
        from cfce.training.torch_engine import fit as fit_torch

        return fit_torch(task, keep_step_losses)
    from cfce.training.fastai_engine import fit as fit_fastai

    return fit_fastai(task, keep_step_losses)


def fit_stacked(tasks: Sequence[Task], stack: int | None = None, say: Callable[[str], None] | None = None) -> list[Fitted]:
    """Train tasks that differ in fold, seed, order and learning rate in one pass of the torch engine.

    ``stack`` is the most trials in one pass (None: automatic); ``say`` is told why a stack was made smaller or given up.
    """
    from cfce.training.torch_engine import fit_stacked as fit_stacked_torch

    for task in tasks:
        check_engine(task, "torch")
    return fit_stacked_torch(tasks, stack, say)


def check_engine(task: Task, engine: str) -> None:
    """Raise ``UserError`` where the engine is unknown or cannot train the task."""
    if engine not in ENGINES:
        raise unknown_name("engine", engine, ENGINES)
    engines = engines_for(task.scorer, task.objective)
    if engine not in engines:
        scorer = getattr(task.scorer, "__name__", "scorer")
        raise UserError(
            f"the engine '{engine}' does not know the scorer '{scorer}' with the objective '{task.objective.name}'; "
            f"allowed: {', '.join(engines)}; choose one of these"
        )
    if engine != "fused" and task.options.optimizer == "sgd":
        raise UserError(f"the engine '{engine}' trains by adam, but the optimizer 'sgd' came; choose adam, or the engine fused")
    if engine == "fused" and task.device != "cpu":
        raise UserError(
            f"the engine 'fused' trains on cpu, but the device '{task.device}' came; choose cpu, or the engine torch or fastai"
        )
