"""Engines: how networks are trained. Each is one file and one registration.

>>> list(ENGINES)
['fastai', 'torch', 'fused']
"""

from dataclasses import replace

from cfce.engines.engine import Engine, scorer_name
from cfce.engines.fastai import FASTAI
from cfce.engines.fused import FUSED
from cfce.engines.task import Fitted, Task
from cfce.engines.torch import TORCH
from cfce.errors import UserError
from cfce.models.sizes import Scorer
from cfce.objectives.base import Objective
from cfce.options import OPTIMIZERS, TrainingOptions
from cfce.registry import Registry

__all__ = ["ENGINES", "Engine", "default_engine", "engines_for", "fit", "no_engine", "register_engine"]

ENGINES: Registry[Engine] = Registry("engine")
"""Every engine by its name."""


def register_engine(engine: Engine) -> Engine:
    """Put an engine under its name; a name that is taken raises ``UserError``."""
    return ENGINES.register(engine.name, engine)


for _engine in (FASTAI, TORCH, FUSED):
    register_engine(_engine)


def engines_for(scorer: Scorer, objective: Objective, options: TrainingOptions, device: str) -> list[Engine]:
    """The engines that can train a network on a device."""
    return [engine for engine in ENGINES.values() if not engine.reason_against(scorer, objective, options, device)]


def default_engine(scorer: Scorer, objective: Objective, options: TrainingOptions, device: str) -> Engine:
    """The fastest engine that can train a network on a device: the one of the highest rank.

    Raises ``UserError`` where none can, with the reason of each.
    """
    able = [engine for engine in engines_for(scorer, objective, options, device) if engine.rank >= 0]
    if not able:
        raise no_engine(scorer, objective, options, device)
    return max(able, key=lambda engine: engine.rank)


def no_engine(scorer: Scorer, objective: Objective, options: TrainingOptions, device: str) -> UserError:
    """The error where no engine trains a network unasked: the reason of each, and what to change so that one does."""
    reasons = [
        f"{engine.name}: {engine.reason_against(scorer, objective, options, device) or 'it must be asked for'}"
        for engine in ENGINES.values()
    ]
    others = [f"'{one}'" for one in OPTIMIZERS if engines_for(scorer, objective, replace(options, optimizer=one), device)]
    advice = f"use the optimizer {' or '.join(others)}" if others else "change its options"
    return UserError(
        f"no engine can train the scorer '{scorer_name(scorer)}' with the objective '{objective.name}' on {device} "
        f"({'; '.join(reasons)}); {advice}"
    )


def fit(task: Task, engine: str, keep_step_losses: bool = False) -> Fitted:
    """Train a task by an engine of that name; ``keep_step_losses`` records the loss of every step.

    Raises ``UserError`` for an unknown engine, and for one that cannot train the task.
    """
    ENGINES[engine].check(task)
    return ENGINES[engine].fit(task, keep_step_losses)
