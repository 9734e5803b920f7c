"""What an estimator is: fitted to a fold, it predicts the fold's held-out ratings."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

from cfce.engines.task import Fitted
from cfce.options import Option, options_of
from cfce.splits import Fold

FAMILIES = ("regression", "classification", "ordinal", "baseline")


@dataclass(frozen=True, eq=False)
class Task:
    """One fit, as an estimator sees it."""

    fold: Fold
    seed: int
    """Where everything random that comes before training comes from, such as initial weights."""
    order: int
    """Where the order of the batches comes from."""
    device: str = "cpu"
    engine: str = ""
    """The engine that trains a network; empty for an estimator without one."""
    seconds: float = math.inf
    """After these an estimator that waits for a program ends it."""


@dataclass(frozen=True)
class Estimator(ABC):
    """Anything that can be fitted to a fold: a frozen dataclass whose fields of type bool, int, float and str are its options.

    >>> @dataclass(frozen=True)
    ... class Shrunken(Estimator):
    ...     shrinkage: float = 5.0
    ...     def fit(self, task): ...
    >>> list(Shrunken().options()), Shrunken().with_options({"shrinkage": 2}).shrinkage
    (['shrinkage'], 2.0)
    """

    family: ClassVar[str] = "regression"
    """One of ``FAMILIES``."""
    libraries: ClassVar[tuple[str, ...]] = ("numpy",)
    """Libraries whose version can change what it fits."""
    label: ClassVar[str] = "estimator"
    """What stands in the column engine of an estimator that no engine trains."""
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    """Where it can be fitted."""
    in_presets: ClassVar[bool] = False
    """Whether the grids of presets are for it, as for networks."""
    uses_seed: ClassVar[bool] = True
    """Whether another seed can give another fit; an estimator without randomness is fitted once a split."""
    outside: ClassVar[bool] = False
    """Whether a program outside this Python fits it; such a variant is run by its name alone, not by that of a family."""

    def __post_init__(self) -> None:
        for name, option in options_of(type(self)).items():
            object.__setattr__(self, name, option.value(getattr(self, name)))

    def options(self) -> dict[str, Option]:
        """Its options by name; the defaults are the values that it has."""
        return options_of(self)

    def with_options(self, values: Mapping[str, Any]) -> Self:
        """The same estimator with some options set; ``UserError`` for a value that an option does not allow."""
        options = self.options()
        return replace(self, **{name: options[name].value(value) for name, value in values.items()})

    def engine_on(self, device: str, asked: str | None = None) -> str:
        """The name of what fits it on a device: an engine where it is trained by one, else its label.

        Raises ``UserError`` where the engine that was asked for cannot.
        """
        return self.label

    def code(self, engine: str) -> tuple[Callable[..., Any] | type, ...]:
        """The classes and functions whose source, with all that it imports, decides what a fit gives."""
        return (type(self),)

    def libraries_of(self, engine: str) -> tuple[str, ...]:
        """The libraries whose version can change a fit."""
        return self.libraries

    @property
    def files(self) -> tuple[Path, ...]:
        """Files beside its source whose content decides what a fit gives. Here, none."""
        return ()

    def identity(self) -> str:
        """What else decides what a fit gives and is no option, as text. Here, nothing."""
        return ""

    def obstacle(self) -> str:
        """Why it cannot be fitted on this machine, in one sentence; empty where nothing is known against it. Here, nothing is."""
        return ""

    def prepare(self, log: Callable[[str], None]) -> None:
        """Make ready what its fits need from outside, once, before any trial; ``UserError`` where it cannot be fitted here.

        ``log`` takes a line for what takes time. Here, nothing is needed.
        """
        return

    def load(self, engine: str) -> None:
        """Import and compile what a fit needs, which may take seconds: no trial's time. Here, nothing."""
        return

    def check(self, fold: Fold) -> None:
        """Raise ``UserError`` where it cannot be fitted to a fold: what is known before a fit. Here, nothing is."""
        return

    @abstractmethod
    def fit(self, task: Task) -> Fitted:
        """Fit to the fold's train, choosing on valid where something is chosen, and predict the held-out parts."""
