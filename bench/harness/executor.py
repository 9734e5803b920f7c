"""What an executor is: where trials run."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from bench.harness.outcome import Outcome
from bench.harness.unit import Unit
from bench.study.record import Record
from cfce.errors import UserError
from cfce.registry import Registry
from cfce.scale import RatingScale
from cfce.text import short

Score = Callable[[bytes, bytes], Any]
"""From the files of a trial's predictions and of their rows to its scores; None to leave them to the report."""
Scoring = Callable[[RatingScale], Score]


def _always_ready(address: str) -> None:
    """For an executor that needs nothing."""


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
    """Trials at a time; 0 for as many as an executor elsewhere has room for."""
    trial_timeout: float = 3600.0
    """Seconds after which a trial counts as hung."""
    address: str = ""
    """Where the machines of an executor elsewhere are reached; empty for ones that it starts."""
    scoring: Scoring | None = None
    """Makes the function that scores a trial's predictions in its worker; None to leave scores to the report."""


@runtime_checkable
class Travels(Protocol):
    """A ``prepare`` whose files can be sent to machines that do not have them."""

    def packed(self, folder: Path) -> tuple[Callable[[], None], list[str]]:
        """Copy its files under a folder; what to call there, and the packages that travel."""


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
    elsewhere: bool = False
    """Whether it trains on other machines too: it takes an address then."""
    check: Callable[[str], None] = _always_ready
    """Raises ``UserError`` where it cannot run here, or reaches nothing at an address; asked before anything is begun."""

    def outcomes(self, units: Sequence[Unit], setup: Setup, report: Report) -> Generator[Outcome]:
        """What ``run`` gives; a trial that it gives nothing for has failed, and so have those that are left where it raises.

        A full disk and a ``UserError`` end the command.
        """
        done: set[str] = set()
        why = "the executor gave no outcome of it"
        given: Iterator[Outcome] | None = None
        try:
            given = self.run(units, setup, report)
            for outcome in given:
                if not isinstance(outcome, Outcome) or outcome.record.trial_id in done:
                    raise UserError(f"the executor '{self.name}' gave {short(outcome)}, which is no outcome of a trial under way")
                done.add(outcome.record.trial_id)
                yield outcome
        except (UserError, OSError):
            raise
        except Exception as error:  # an executor of a plug-in may raise anything
            why = f"the executor raised {type(error).__name__}: {short(error)}"
        finally:
            if isinstance(given, Generator):
                given.close()
        for trial in (trial for unit in units for trial in unit):
            if trial.trial_id not in done:
                yield Outcome(Record(trial, "failed", why))


EXECUTORS: Registry[Executor] = Registry("executor")
"""Every executor by its name."""


def register_executor(executor: Executor) -> Executor:
    """Put an executor under its name; a name that is taken raises ``UserError``."""
    return EXECUTORS.register(executor.name, executor)
