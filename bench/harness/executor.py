"""What an executor is: where trials run."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.harness.outcome import Outcome
from bench.harness.unit import Unit
from cfce.registry import Registry


def _nothing_to_prepare() -> None:
    """For workers that need no parts beyond the built-in ones."""


@dataclass(frozen=True)
class Setup:
    """What every run of units starts from."""

    ratings: Path
    """The folder with the shared ratings, which workers open as memory maps."""
    logs: Path
    """The folder for what workers print."""
    prepare: Callable[[], None] = _nothing_to_prepare
    """Called once in each worker before its first unit: registers parts. It is sent by reference, so a module's function."""
    jobs: int = 1
    """Trials at a time."""
    trial_timeout: float = 3600.0
    """Seconds after which a trial counts as hung."""


Report = Callable[[str], None]
"""Takes one line for the person at the terminal."""


@dataclass(frozen=True)
class Executor:
    """One way of running units; a new one is one file and one registration.

    ``run`` gives the outcome of every trial of every unit, once, as it comes; a trial that is lost with its worker has the
    status ``failed``. It writes nothing into the study: the caller does. Closing the iterator ends all work.
    The units may be a list that grows: what is appended before the next outcome is asked for is run too.
    """

    name: str
    description: str
    run: Callable[[Sequence[Unit], Setup, Report], Generator[Outcome]]


EXECUTORS: Registry[Executor] = Registry("executor")
"""Every executor by its name."""


def register_executor(executor: Executor) -> Executor:
    """Put an executor under its name; a name that is taken raises ``UserError``."""
    return EXECUTORS.register(executor.name, executor)
