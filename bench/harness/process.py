"""Starting processes that Ctrl-C and the current folder cannot touch, hearing them, and telling how they ended."""

import contextlib
import gc
import os
import signal
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator, Sequence
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from cfce.text import short

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
"""One thread a process: trials run side by side, and more threads inside one make it slower."""
SAFE_PATH = {"PYTHONSAFEPATH": "1"}
"""No module of the current folder is taken for one of the standard library while a process starts."""
LONGEST_WAIT = 86_400.0
"""Seconds that are waited at once."""
TAIL = 1 << 16
"""Bytes at the end of a log that are looked at."""


HOME = Path(__file__).parents[2]
"""Where ``bench`` lies."""


def module_of_ours(name: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """The command that runs a module of this package in a Python of its own, and its environment.

    No module of the current folder is taken for another: the package is found on its path alone.
    """
    paths = [] if str(HOME) == sysconfig.get_path("purelib") else [str(HOME)]
    paths += filter(None, [os.environ.get("PYTHONPATH")])
    command = [sys.executable, "-P", "-m", name, *arguments]
    return command, {**os.environ, **({"PYTHONPATH": os.pathsep.join(paths)} if paths else {})}


@contextlib.contextmanager
def quiet_start() -> Iterator[None]:
    """Start a process that has one thread and never gets Ctrl-C: it inherits the environment and the blocked signal.

    Ctrl-C waits until it is started: a process that is told only half of what it is to do would print a traceback.
    """
    wanted = {**ONE_THREAD, **SAFE_PATH}
    kept = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    posix = hasattr(signal, "pthread_sigmask")
    if posix:
        resource_tracker.ensure_running()  # it unblocks the signal when it starts, so it starts before the first worker
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with _interrupt_later():  # another thread may get the signal, and this one the exception
            yield
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        if posix:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


@contextlib.contextmanager
def _interrupt_later() -> Iterator[None]:
    """Hold back what Ctrl-C and SIGTERM do until the end; only the main thread can, and only it is interrupted."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {one: signal.signal(one, lambda number, frame: came.append(number)) for one in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        for first in came[:1]:
            signal.raise_signal(first)


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile: that takes an eighth of the time of imports, which leave none."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


@contextlib.contextmanager
def script_left_alone() -> Iterator[None]:
    """Keep worker processes from running the caller's script once more, as multiprocessing does with a script's file.

    So a script needs no ``if __name__ == "__main__":``; workers use nothing of it.
    """
    main = sys.modules["__main__"].__dict__
    hidden: dict[str, Any] = {name: main.pop(name) for name in ("__file__", "__spec__") if name in main}
    main["__spec__"] = None
    try:
        yield
    finally:
        main.update(hidden)


def end_process(process: BaseProcess) -> None:
    """End a worker at once, with what it started in its process group."""
    if process.pid is not None and hasattr(os, "killpg"):
        with contextlib.suppress(OSError):  # it was ended before it had a group, or nothing is left of it
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.join()


def waited_for(ends: Sequence[Any], patience: float) -> list[Any]:
    """The connections and sentinels in which something happened; none after ``patience`` seconds, which may be any number.

    Systems count how long they wait in milliseconds of 32 bits.
    """
    until = time.monotonic() + patience
    while True:
        left = until - time.monotonic()
        found = wait(ends, max(0.0, min(left, LONGEST_WAIT)))
        if found or left <= LONGEST_WAIT:
            return found


def received(connection: Connection) -> object | None:
    """The next message; None where the other end is gone, or died in the middle of it."""
    try:
        return connection.recv() if connection.poll() else None
    except Exception:  # what half a message makes its reader raise
        return None


def how_it_ended(process: BaseProcess, log: Path) -> str:
    """How a process ended, and the last line that it printed."""
    code = process.exitcode
    if code is not None and code < 0:
        how = f"the worker was ended by signal {-code} ({_signal_name(-code)})"
    else:
        how = f"the worker ended with exit code {code}"
    printed = [line for line in _tail(log).split("\n") if line.strip()]
    return f"{how}; it printed last: {short(printed[-1])}" if printed else how


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "a signal without a name"


def _tail(log: Path) -> str:
    try:
        with open(log, "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - TAIL))
            return file.read().decode(errors="replace")
    except OSError:
        return ""
