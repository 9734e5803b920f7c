"""The executor ``local``: a pool of worker processes that outlives the death and the hanging of any of them."""

import contextlib
import os
import signal
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from bench.harness.executor import Executor, Report, Setup, register_executor
from bench.harness.outcome import Outcome
from bench.harness.unit import Unit
from bench.harness.worker import READY, STARTED, worker_main
from bench.study.record import Record

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
"""One thread a worker: trials run side by side, and more threads inside one make it slower."""

LOADING = 300.0
"""Seconds that importing an engine and compiling its kernel may take before a trial's own time begins."""

MAX_FAILED_STARTS = 3
"""A worker that dies before it is ready this often in a row ends the run: no trial would ever be trained."""


class Worker:
    """One process, its pipe and the unit that it trains."""

    def __init__(self, number: int, setup: Setup, logs: Path) -> None:
        context = get_context("spawn")
        self.log = logs / f"worker-{number}.log"
        self.connection, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=worker_main, args=(theirs, setup, self.log), daemon=True)
        with _quiet_start():
            self.process.start()
        theirs.close()
        self.ready = False
        self.unit: Unit | None = None
        self.deadline = float("inf")

    def give(self, unit: Unit, timeout: float) -> None:
        """Send a unit; once its engine is loaded, the worker may take ``timeout`` seconds for each of its trials."""
        self.unit = unit
        self.deadline = time.monotonic() + LOADING + timeout * len(unit)
        with contextlib.suppress(OSError):  # a worker that just died is noticed by its sentinel
            self.connection.send(unit)

    def end(self) -> None:
        """End the process at once."""
        self.process.kill()
        self.process.join()
        self.connection.close()

    def last_words(self) -> str:
        """How the process ended, and the last line that it printed."""
        code = self.process.exitcode
        if code is not None and code < 0:
            how = f"the worker was ended by signal {-code} ({signal.Signals(-code).name})"
        else:
            how = f"the worker ended with exit code {code}"
        try:
            lines = self.log.read_text(errors="replace").split("\n")
        except OSError:
            lines = []
        said = [line.strip() for line in lines if line.strip()]
        return f"{how}; it said last: {said[-1]}" if said else how


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
                self._give_out(pending)
                yield from self._next_outcomes(pending)
        finally:
            for worker in self.workers:
                worker.end()
            self.workers.clear()

    def _start_workers(self, n_pending: int) -> None:
        idle = sum(worker.unit is None for worker in self.workers)
        for _ in range(min(self.jobs - len(self.workers), n_pending - idle)):
            self._started += 1
            self.workers.append(Worker(self._started, self.setup, self.setup.logs))

    def _give_out(self, pending: deque[Unit]) -> None:
        for worker in self.workers:
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
        patience = None if deadline == float("inf") else max(0.0, deadline - time.monotonic())
        events: set[object] = set(
            wait([end for worker in self.workers for end in (worker.connection, worker.process.sentinel)], patience)
        )
        for worker in list(self.workers):
            if worker.connection in events and (message := _received(worker.connection)) is not None:
                yield from self._heard(worker, message)
            elif worker.connection in events or worker.process.sentinel in events:
                worker.process.join()
                yield from self._lost(worker, worker.last_words(), pending)
            elif time.monotonic() >= worker.deadline:
                worker.end()
                limit = self.timeout * len(worker.unit or ())
                yield from self._lost(worker, f"the trial hung: ended after {limit:g} s (--trial-timeout)", pending)

    def _heard(self, worker: Worker, message: object) -> Iterator[Outcome]:
        if message == READY:
            worker.ready = True
            self._failed_starts = 0
            return
        if message == STARTED:
            worker.deadline = time.monotonic() + self.timeout * len(worker.unit or ())
            return
        assert isinstance(message, tuple)
        outcomes, notes = message
        worker.unit = None
        worker.deadline = float("inf")
        for note in notes:
            if note not in self._noted:
                self._noted.add(note)
                self.report(note)
        yield from outcomes

    def _lost(self, worker: Worker, reason: str, pending: deque[Unit]) -> Iterator[Outcome]:
        """A worker is gone: a batch is tried again trial by trial, a single trial has failed."""
        self.workers.remove(worker)
        worker.connection.close()
        if worker.unit is None:
            self._failed_starts += not worker.ready
            if self._failed_starts >= MAX_FAILED_STARTS:
                raise RuntimeError(f"no worker can be started: {reason}")
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


def _received(connection: Connection) -> object | None:
    """The next message; None where the other end is gone, or died in the middle of it."""
    try:
        return connection.recv() if connection.poll() else None
    except (EOFError, OSError):
        return None


@contextlib.contextmanager
def _quiet_start() -> Iterator[None]:
    """Start a process that has one thread and never sees Ctrl-C: it inherits the environment and the blocked signal."""
    kept = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
