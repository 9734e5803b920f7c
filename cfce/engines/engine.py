"""What an engine is: how a network is trained, what it can train and on which devices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cfce.engines.task import Fitted, Task
from cfce.errors import UserError
from cfce.models.sizes import Scorer
from cfce.objectives.base import Objective
from cfce.options import TrainingOptions

Report = Callable[[str], None]
"""Takes one line for the person at the terminal."""


def trains_anything(scorer: Scorer, objective: Objective, options: TrainingOptions) -> str:
    """No reason not to train a network."""
    return ""


def trains_by_adam(scorer: Scorer, objective: Objective, options: TrainingOptions) -> str:
    """No reason but another optimizer."""
    return "" if options.optimizer == "adam" else f"it trains by adam, not by {options.optimizer}"


def scorer_name(scorer: Scorer) -> str:
    """How messages call a scorer."""
    return str(getattr(scorer, "__name__", "scorer"))


def nothing_to_load() -> None:
    """An engine that has nothing heavy to import."""


@dataclass(frozen=True)
class Engine:
    """One way of training networks; a new one is one file and one registration.

    ``fit(task, keep_step_losses)`` trains one task. ``fit_batch(tasks, size, report)`` trains tasks that differ in fold,
    seed, order and learning rate in one pass of at most ``size`` trials (None: automatic), where the engine can.
    """

    name: str
    description: str
    fit: Callable[[Task, bool], Fitted]
    devices: tuple[str, ...] = ("cpu",)
    libraries: tuple[str, ...] = ("numpy",)
    """Libraries whose version can change what it trains."""
    refusal: Callable[[Scorer, Objective, TrainingOptions], str] = trains_anything
    """Why it cannot train a scorer with an objective and options, as a clause; empty where it can."""
    load: Callable[[], None] = nothing_to_load
    """Imports and compiles what it needs, which may take seconds: no trial's time."""
    fit_batch: Callable[[Sequence[Task], int | None, Report | None], list[Fitted]] | None = None
    rank: int = -1
    """Of the engines that can train a task the one of the highest rank is the default; below 0 it must be asked for."""

    def reason_against(self, scorer: Scorer, objective: Objective, options: TrainingOptions, device: str) -> str:
        """Why this engine cannot train a network on a device, as a clause; empty where it can."""
        if device not in self.devices:
            return f"it trains on {' and '.join(self.devices)}, not on {device}"
        return self.refusal(scorer, objective, options)

    def check(self, task: Task) -> None:
        """Raise ``UserError`` where it cannot train a task."""
        reason = self.reason_against(task.scorer, task.objective, task.options, task.device)
        if reason:
            raise UserError(
                f"the engine '{self.name}' cannot train the scorer '{scorer_name(task.scorer)}' with the objective "
                f"'{task.objective.name}': {reason}; choose another engine, or leave it out"
            )
