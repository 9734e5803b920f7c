"""Units as tasks of a cluster: a bounded number at a time, tried again where a node died, and each trial's outcome once."""

import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.harness.cluster.connection import Cluster
from bench.harness.cluster.kit import Answer, Fold, Refused
from bench.harness.executor import Report
from bench.harness.outcome import Outcome
from bench.harness.unit import Unit
from bench.study.record import Record
from cfce.errors import FailedError, UserError
from cfce.text import short

TRIES = 3
"""How often a unit is given out whose node or Ray worker died under it."""
QUEUED = 2
"""Units under way for each CPU of the cluster: one that is trained, and one that waits for its end."""
REFRESH = 5.0
"""Seconds after which the size of the cluster is asked for again."""


@dataclass(frozen=True)
class Flight:
    """A unit that is under way."""

    unit: Unit
    tries: int = 1


class Dispatch:
    """Gives units to tasks and hears their answers. ``most`` bounds the trials under way; 0 leaves that to the cluster's size."""

    def __init__(self, cluster: Cluster, task: Any, kit: Any, most: int, report: Report) -> None:
        self._cluster = cluster
        self._ray = cluster.ray
        self._task = task
        self._kit = kit
        self._most = most
        self._report = report
        self._flying: dict[Any, Flight] = {}
        self._waiting: deque[Flight] = deque()
        self._known: set[Fold] = set()
        self._noted: set[str] = set()
        self._room = 0
        self._asked = float("-inf")

    def run(self, units: Sequence[Unit]) -> Generator[Outcome]:
        """Train every unit; the list may grow between two outcomes.

        What is under way when it is left ends with the connection to the cluster. It is not cancelled: where a task ends in the
        moment in which it is cancelled, Ray aborts the process that gave it out.
        """
        taken = 0
        while taken < len(units) or self._waiting or self._flying:
            self._waiting.extend(Flight(unit) for unit in units[taken:])
            taken = len(units)
            self._give_out()
            yield from self._hear()

    def _give_out(self) -> None:
        self._ask_for_room()
        while self._waiting and len(self._flying) < self._room:
            flight = self._waiting.popleft()
            on_cuda = flight.unit[0].device == "cuda"
            if on_cuda and not self._cluster.total("GPU"):
                raise UserError("the plan has trials for cuda, and no node of the Ray cluster has a GPU; pass --devices cpu")
            known = frozenset(fold for fold in _folds(flight.unit) if fold in self._known)
            task = self._task.options(num_cpus=1, num_gpus=1 if on_cuda else 0)
            self._flying[task.remote(self._kit, flight.unit, known)] = flight

    def _ask_for_room(self) -> None:
        """How many units may be under way; the cluster may have grown or lost nodes."""
        if time.monotonic() - self._asked < REFRESH:
            return
        self._asked = time.monotonic()
        if not self._cluster.has_us():
            raise FailedError(
                "this machine's node of the Ray cluster died; the finished trials are safe, and the same command resumes"
            )
        cpus = int(self._cluster.total("CPU"))
        if not cpus:
            self._note("the Ray cluster has no CPU now; trials wait for a node that has one")
        self._room = self._most or QUEUED * max(cpus, 1)

    def _hear(self) -> Iterator[Outcome]:
        """Wait for an answer, and take all that are there."""
        first, rest = self._ray.wait(list(self._flying), timeout=REFRESH, fetch_local=False)
        further = self._ray.wait(rest, num_returns=len(rest), timeout=0, fetch_local=False)[0] if first and rest else []
        for reference in (*first, *further):
            flight = self._flying.pop(reference)
            try:
                answer = self._ray.get(reference)
            except self._ray.exceptions.RayError as error:
                yield from self._lost(flight, error)
                continue
            if isinstance(answer, Refused):
                raise UserError(answer.reason)
            assert isinstance(answer, Answer)
            for note in answer.notes:
                self._note(note)
            for outcome in answer.outcomes:
                if outcome.rows is not None:
                    self._known.add((outcome.record.trial.protocol, outcome.record.trial.split))
                yield outcome

    def _lost(self, flight: Flight, error: Exception) -> Iterator[Outcome]:
        """A unit whose answer did not come: a dead node is tried again, and of a batch each trial alone."""
        exceptions = self._ray.exceptions
        if isinstance(error, exceptions.RuntimeEnvSetupError):
            raise UserError(f"a node could not take the code of this run: {short(error)}")
        if isinstance(error, exceptions.RayTaskError):
            cause = getattr(error, "cause", error)
            if isinstance(cause, ImportError):
                raise UserError(f"a node lacks a library ({short(cause)}); install cfce-bench with what it needs on every node")
            reason = f"{type(cause).__name__}: {short(cause)}"
        elif isinstance(error, exceptions.OutOfMemoryError):
            reason = f"its node ran out of memory, and Ray ended the worker: {short(error)}"
        elif flight.tries < TRIES:
            self._waiting.appendleft(Flight(flight.unit, flight.tries + 1))
            return
        else:
            reason = f"its node or worker died {TRIES} times: {short(error)}"
        if len(flight.unit) > 1:
            self._waiting.extend(Flight((trial,)) for trial in flight.unit)
        else:
            yield Outcome(Record(flight.unit[0], "failed", reason))

    def _note(self, line: str) -> None:
        if line not in self._noted:
            self._noted.add(line)
            self._report(line)


def _folds(unit: Unit) -> set[Fold]:
    return {(trial.protocol, trial.split) for trial in unit}
