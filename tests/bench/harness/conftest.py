"""Real ``bench run`` processes on drawn ratings, and one study that several tests look at."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

HERE = Path(__file__).parent
collect_ignore = ["trouble.py"]
"""Not for doctest: importing it would register variants that kill and hang for every other test."""
PLUGIN = HERE / "trouble.py"
PATIENCE = 90.0
"""Seconds to wait for anything: a loaded machine is slow, and a test that waits this long has failed."""


class Running:
    """One command in a process group of its own, so that Ctrl-C and kills hit it and nothing else.

    ``mark`` is in the environment of whatever it starts.
    """

    def __init__(self, process: Any, mark: str) -> None:
        self.process = process
        self._mark = mark.encode()

    def end(self) -> "Running":
        """Wait for the end and keep what it printed."""
        self.out, self.err = self.process.communicate(timeout=PATIENCE)
        self.code = self.process.returncode
        return self

    def interrupt(self) -> None:
        """Ctrl-C: the terminal sends SIGINT to the command and its group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def workers(self) -> list[int]:
        """The living processes that the command started, and those that these did."""
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):  # of one that ended nothing can be read
                if self._mark in path.read_bytes() and int(path.parent.name) != self.process.pid:
                    found.append(int(path.parent.name))
        return found


def wait_for(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited {PATIENCE:g} s for {what}"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of the commands: a data cache of their own."""
    return {**os.environ, "CFCE_CACHE": str(tmp_path_factory.mktemp("cache")), "COLUMNS": "200"}


@pytest.fixture(scope="session")
def start(environment: dict[str, str], warm: Any) -> Iterator[Callable[..., Running]]:
    """``start(folder, variants, *more, **environment)`` starts a run without report and diagrams.

    One with a ``PYTHONPATH`` of its own, which is read while Python starts, is started anew. Whatever is left of it is killed at
    the end.
    """
    begun: list[Running] = []

    def begin(folder: Path, variants: str, *more: str, **extra: str) -> Running:
        fixed = ["run", "--dataset", "synthetic-1000", "--epochs", "1", "--factors", "2", "--plugin", str(PLUGIN)]
        mark = f"MARK_OF_A_TEST={uuid4()}"
        extra = {**extra, **dict([mark.split("=")])}
        arguments = [*fixed, "--variants", variants, "--out", str(folder), *more]
        if "PYTHONPATH" in extra:
            process: Any = started_anew(arguments, environment | extra)
        else:
            process = warm.begin(arguments, environment | extra, without=("report", "drawings"))
        begun.append(Running(process, mark))
        return begun[-1]

    yield begin
    for one in begun:
        if one.process.poll() is None:
            os.killpg(one.process.pid, signal.SIGKILL)
        for worker in one.workers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        one.process.communicate()


def started_anew(arguments: list[str], environment: dict[str, str]) -> "subprocess.Popen[str]":
    command = [sys.executable, str(HERE.parent / "bare_command.py"), *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment, start_new_session=True)


@pytest.fixture(scope="session")
def troubled(start: Callable[..., Running], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Running]:
    """A study whose trials end in every status, and the command that left it."""
    folder = tmp_path_factory.mktemp("troubled") / "study"
    arguments = ("dummy,ce,dies,raises", "--seeds", "1", "--learning-rates", "0.01,1e30", "--jobs", "1")
    return folder, start(folder, *arguments).end()


@pytest.fixture(scope="session", name="wait_for")
def _wait_for() -> Callable[[Callable[[], object], str], None]:
    return wait_for
