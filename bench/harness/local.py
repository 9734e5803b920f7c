"""The executor ``local``: a pool of worker processes that outlives the death and the hanging of any of them."""

import contextlib
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from bench.harness.executor import Executor, Report, Setup, register_executor
from bench.harness.outcome import Outcome
from bench.harness.process import end_process, how_it_ended, quiet_start, received, waited_for
from bench.harness.unit import Unit
from bench.harness.worker import READY, Started, worker_main
from bench.study.record import Record

LOADING = 300.0
"""Seconds that importing an engine and compiling its kernel may take before a trial's own time begins."""

MAX_FAILED_STARTS = 3
"""When workers died before they were ready this often in a row, no other is started; where none is left, the trials fail."""

GRACE = 10.0
"""Seconds that a worker whose program was ended may take to tell what it printed."""


class Worker:
    """One process, its pipe and the unit that it trains."""

    def __init__(self, number: int, setup: Setup, logs: Path) -> None:
        context = get_context("spawn")
        self.log = logs / f"worker-{number}.log"
        self.connection, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=worker_main, args=(theirs, setup, self.log), daemon=True)
        with quiet_start():
            self.process.start()
        theirs.close()
        self.ready = False
        self.unit: Unit | None = None
        self.deadline = time.monotonic() + LOADING

    def give(self, unit: Unit, timeout: float) -> None:
        """Send a unit; once its engine is loaded, the worker may take ``timeout`` seconds for each of its trials."""
        self.unit = unit
        self.deadline = time.monotonic() + LOADING + timeout * len(unit)
        with contextlib.suppress(OSError):  # a worker that just died is noticed by its sentinel
            self.connection.send(unit)

    def end(self) -> None:
        """End the process at once, with what it started."""
        end_process(self.process)
        self.connection.close()


class Pool:
    """Runs units on up to ``jobs`` workers. Units for CUDA run one at a time, so that their timings are their own.

    ``report`` is told once what the workers note that is no error.
    """

    def __init__(self, setup: Setup, report: Report) -> None:
        self.setup = setup
        self.report = report
        self.jobs = setup.jobs
        self.timeout = setup.trial_timeout
        self.workers: list[Worker] = []
        self._started = 0
        self._failed_starts = 0
        self._why_not_started = ""
        self._noted: set[str] = set()

    def run(self, units: Sequence[Unit]) -> Generator[Outcome]:
        """Train every unit and give each trial's outcome as it comes; all workers are ended at the end, however it comes."""
        pending: deque[Unit] = deque()
        taken = 0
        try:
            while taken < len(units) or pending or any(worker.unit for worker in self.workers):
                pending.extend(units[taken:])  # the caller may append between two outcomes
                taken = len(units)
                self._start_workers(len(pending))
                if not self.workers and self._failed_starts >= MAX_FAILED_STARTS:
                    for trial in (trial for unit in pending for trial in unit):
                        yield Outcome(Record(trial, "failed", f"no worker can be started: {self._why_not_started}"))
                    return
                self._give_out(pending, self.workers)
                if self.workers:
                    yield from self._next_outcomes(pending)
        finally:
            for worker in self.workers:
                worker.end()
            self.workers.clear()

    def _start_workers(self, n_pending: int) -> None:
        idle = sum(worker.unit is None for worker in self.workers)
        for _ in range(min(self.jobs - len(self.workers), n_pending - idle)):
            if self._failed_starts >= MAX_FAILED_STARTS:
                return
            self._started += 1
            try:
                self.workers.append(Worker(self._started, self.setup, self.setup.logs))
            except OSError as error:  # the system allows no further process
                self._failed_starts += 1
                self._why_not_started = str(error)
                return

    def _give_out(self, pending: deque[Unit], workers: Sequence[Worker]) -> None:
        for worker in workers:
            if not worker.ready or worker.unit is not None:
                continue
            cuda_is_busy = any(other.unit and other.unit[0].device == "cuda" for other in self.workers)
            unit = next((unit for unit in pending if not (cuda_is_busy and unit[0].device == "cuda")), None)
            if unit is not None:
                pending.remove(unit)
                worker.give(unit, self.timeout)

    def _next_outcomes(self, pending: deque[Unit]) -> Iterator[Outcome]:
        """Wait until something happens; a worker's message counts before its death."""
        deadline = min((worker.deadline for worker in self.workers), default=float("inf"))
        ends = [end for worker in self.workers for end in (worker.connection, worker.process.sentinel)]
        events: set[object] = set(waited_for(ends, deadline - time.monotonic()))
        for worker in list(self.workers):
            if worker.connection in events and (message := received(worker.connection)) is not None:
                outcomes = self._heard(worker, message)
                self._give_out(pending, [worker])  # before these are written, as it would wait that long
                yield from outcomes
            elif worker.connection in events or worker.process.sentinel in events:
                worker.process.join()
                yield from self._lost(worker, how_it_ended(worker.process, worker.log), pending)
            elif time.monotonic() >= worker.deadline:
                yield from self._lost(worker, self._why_ended(worker), pending)

    def _why_ended(self, worker: Worker) -> str:
        """Why a worker that took too long was ended."""
        if not worker.ready:
            return f"the worker was not ready after {LOADING:g} s"
        return f"the trial hung: ended after {self.timeout * len(worker.unit or ()):g} s (--trial-timeout)"

    def _heard(self, worker: Worker, message: object) -> Sequence[Outcome]:
        """The outcomes that a message brings; none where it tells how far the worker is."""
        if message == READY:
            worker.ready = True
            worker.deadline = float("inf")
            self._failed_starts = 0
            return ()
        if isinstance(message, Started):
            grace = GRACE if message.outside else 0.0
            worker.deadline = time.monotonic() + self.timeout * len(worker.unit or ()) + grace
            return ()
        assert isinstance(message, tuple)
        outcomes, notes = message
        worker.unit = None
        worker.deadline = float("inf")
        for note in notes:
            if note not in self._noted:
                self._noted.add(note)
                self.report(note)
        return list(outcomes)

    def _lost(self, worker: Worker, reason: str, pending: deque[Unit]) -> Iterator[Outcome]:
        """A worker is gone: a batch is tried again trial by trial, a single trial has failed."""
        self.workers.remove(worker)
        worker.end()
        if worker.unit is None:
            self._failed_starts += not worker.ready
            self._why_not_started = reason
        elif len(worker.unit) > 1:
            pending.extend((trial,) for trial in worker.unit)
        else:
            (trial,) = worker.unit
            yield Outcome(Record(trial, "failed", reason))


LOCAL = register_executor(
    Executor(
        "local",
        "worker processes on this machine, one thread each",
        lambda units, setup, report: Pool(setup, report).run(units),
    )
)
