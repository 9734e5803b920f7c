"""The engine ``fused``: one compiled loop on the CPU for the dot products."""

from importlib import import_module

from cfce.engines.engine import Engine
from cfce.engines.task import Fitted, Task
from cfce.models.dot_product_bias import dot_product_bias
from cfce.models.dot_product_bias_implicit import dot_product_bias_implicit
from cfce.models.sizes import Scorer
from cfce.objectives.base import Objective, usable_kernel
from cfce.options import TrainingOptions


def _fit(task: Task, keep_step_losses: bool) -> Fitted:
    from cfce.engines.fused_engine import fit

    return fit(task, keep_step_losses)


def _load() -> None:
    import_module("cfce.engines.fused_kernel")


def _refusal(scorer: Scorer, objective: Objective, options: TrainingOptions) -> str:
    if scorer not in (dot_product_bias, dot_product_bias_implicit):
        return "it knows the built-in scorers 'dot_product_bias' and 'dot_product_bias_implicit' alone"
    if scorer is dot_product_bias_implicit and options.optimizer != "adam":
        return f"it trains implicit feedback by adam, not by {options.optimizer}"
    if not usable_kernel(objective):
        return f"the objective '{objective.name}' has no compiled kernel of its own loss"
    return ""


FUSED = Engine(
    name="fused",
    description="one compiled loop on the CPU for the dot products; the default there",
    fit=_fit,
    libraries=("numba", "numpy"),
    refusal=_refusal,
    load=_load,
    rank=2,
)
