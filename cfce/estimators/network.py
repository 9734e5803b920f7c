"""The estimator ``Network``: a scorer with an objective, trained by an engine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, ClassVar, Self

from cfce.batches import n_batches
from cfce.engines import ENGINES, default_engine, engines_for, fit, no_engine
from cfce.engines.task import Fitted
from cfce.engines.task import Task as Training
from cfce.errors import UserError
from cfce.estimators.estimator import Estimator, Task
from cfce.models import BUILT_IN_SCORERS
from cfce.models.sizes import Scorer
from cfce.objectives import OBJECTIVES, Objective
from cfce.options import Option, OptionValues, TrainingOptions, options_of
from cfce.splits import Fold


@dataclass(frozen=True)
class Network(Estimator):
    """A scorer, an objective by its name, and how they are trained; its options are those of training and of the objective."""

    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")
    in_presets: ClassVar[bool] = True

    scorer: Scorer
    objective_name: str
    training: TrainingOptions = field(default_factory=TrainingOptions)
    of_objective: OptionValues = field(default_factory=OptionValues)
    """Options of the objective that differ from its own."""

    def __post_init__(self) -> None:
        """Nothing to check here: training options check themselves."""

    @property
    def objective(self) -> Objective:
        """The objective with its options set."""
        found = OBJECTIVES[self.objective_name]
        return replace(found, **self.of_objective) if self.of_objective and is_dataclass(found) else found

    @property
    def family(self) -> str:  # type: ignore[override]
        """The family of the objective."""
        return self.objective.family

    def options(self) -> dict[str, Option]:
        """The options of training, then those of the objective."""
        return {**options_of(self.training), **options_of(self.objective)}

    def with_options(self, values: Mapping[str, Any]) -> Self:
        """The same network with some options set."""
        options = self.options()
        checked = {name: options[name].value(value) for name, value in values.items()}
        own = {one.name for one in fields(TrainingOptions)}
        return replace(
            self,
            training=replace(self.training, **{name: value for name, value in checked.items() if name in own}),
            of_objective=self.of_objective.replaced(**{name: value for name, value in checked.items() if name not in own}),
        )

    def engine_on(self, device: str, asked: str | None = None) -> str:
        """The engine that trains it on a device: the one asked for, or else the fastest."""
        network = (self.scorer, self.objective, self.training, device)
        if asked is None:
            return default_engine(*network).name
        reason = ENGINES[asked].reason_against(*network)
        if reason:
            able = [engine.name for engine in engines_for(*network)]
            if not able:
                raise no_engine(*network)
            raise UserError(
                f"engine '{asked}' cannot train the objective '{self.objective_name}': {reason}; "
                f"use --engine {' or '.join(able)}, or leave it out"
            )
        return asked

    def code(self, engine: str) -> tuple[Callable[..., Any] | type, ...]:
        """The scorer, the objective and the engine."""
        return (self.scorer, type(self.objective), ENGINES[engine].fit)

    def libraries_of(self, engine: str) -> tuple[str, ...]:
        """The libraries of the engine."""
        return ENGINES[engine].libraries

    def load(self, engine: str) -> None:
        """Import what the engine needs."""
        ENGINES[engine].load()

    def check(self, fold: Fold) -> None:
        """A batch must not be larger than train, and a scorer of one's own must give as many scores as the objective takes."""
        n_batches(len(fold.train_rows), self.training.batch_size)
        if self.scorer not in BUILT_IN_SCORERS:
            from cfce.engines.network import check_scores

            check_scores(self.on(Task(fold, seed=0, order=0)))

    def fit(self, task: Task) -> Fitted:
        """Train by the task's engine."""
        return fit(self.on(task), task.engine)

    def on(self, task: Task) -> Training:
        """The training that an engine is given."""
        return Training(task.fold, self.scorer, self.objective, self.training, task.seed, task.order, task.device)
