"""The worker process: takes units from its pipe until told to stop; ends at once when its parent is gone."""

import os
import signal
import sys
import threading
import warnings
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, TextIO

from bench.harness.executor import Setup
from bench.harness.process import uncollected

READY = "ready"
"""Said when a worker can be given its first unit."""


@dataclass(frozen=True)
class Started:
    """Said when the engine of a unit is loaded and its training begins."""

    outside: bool
    """Whether a program is waited for, which the worker itself ends in time."""


HOME = Path(__file__).parents[2] / "cfce"
"""Where ``cfce`` lies."""


def worker_main(connection: Connection, setup: Setup, log: Path) -> None:
    """Say that it is ready, then answer every unit with its outcomes and notes; None ends it."""
    shield(log)
    notes: list[str] = []
    with uncollected():
        # imported here, so that nothing heavy stands between the start of the process and its guards
        from bench.harness.fitting import Trainer, estimator_of, load_for

        setup.prepare()
        _collect_warnings(notes)
        trainer = Trainer(setup.ratings, notes.append, setup.trial_timeout, setup.scoring)
    connection.send(READY)
    while (unit := _received(connection)) is not None:
        with uncollected():
            load_for(unit[0])
        connection.send(Started(any(estimator_of(trial).outside for trial in unit)))
        outcomes = trainer.fit(unit)
        connection.send((outcomes, tuple(notes)))
        notes.clear()


def shield(log: Path) -> None:
    """Begin a process that Ctrl-C does not reach, that ends with its parent, and whose output goes to a file.

    It leads a process group, so that what it starts ends with it.
    """
    if hasattr(os, "setpgrp"):
        os.setpgrp()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command, which ends its workers
    os.environ.pop("PYTHONSAFEPATH", None)  # it was for the start alone, and is not for what a plug-in starts
    _end_with_parent()
    _write_output_to(log)


def _received(connection: Connection) -> Any:
    """The next unit; None where the command is gone."""
    try:
        return connection.recv()
    except EOFError:
        return None


def _end_with_parent() -> None:
    """A thread that ends this process and its group when the parent has died, so that no orphan goes on training."""
    parent = parent_process()
    assert parent is not None

    def watch(sentinel: int) -> None:
        wait([sentinel])
        if hasattr(os, "killpg"):
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=watch, args=(parent.sentinel,), daemon=True).start()


def _collect_warnings(notes: list[str]) -> None:
    """Warnings that ``cfce`` gives are for the person at the terminal; those of other packages go to the log."""
    show = warnings.showwarning

    def collect(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if Path(filename).is_relative_to(HOME):
            notes.append(str(message))
        else:
            show(message, category, filename, lineno, file, line)

    warnings.showwarning = collect


def _write_output_to(log: Path) -> None:
    """Send what this process prints to a file: it would tear the progress display, and the command reads it on a death."""
    sys.stdout.flush()
    sys.stderr.flush()
    with open(log, "ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
