"""Work in a process of its own: code of a plug-in that raises, exits, crashes or hangs there takes nothing else down."""

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from bench.harness.process import end_process, how_it_ended, quiet_start, received, uncollected, waited_for
from bench.harness.worker import shield
from cfce.errors import FailedError, UserError
from cfce.text import short

LOADING = 300.0
"""Seconds that a child may take until its parts are registered and its modules imported."""
READY, DONE = "ready", "done"


class ChildFailed(Exception):  # noqa: N818 - a result that did not come, and why
    """A child raised, died or took too long; the text says which."""


@dataclass(frozen=True)
class Result:
    """One value that a child gave."""

    value: Any


@dataclass(frozen=True)
class Raised:
    """What a child raised, in words."""

    text: str
    is_user_error: bool


class Child:
    """One process that registers parts with ``prepare`` and gives the values of ``work(*arguments)`` one by one.

    ``modules`` are imported before its time counts. ``work`` is a module's function, and everything is sent by pickling.
    With ``asked``, ``work`` has one more argument, an iterator of what ``ask`` sends, and gives one value for each.
    ``aside`` lets other processes go first. A context manager: at its end the process is ended.
    """

    def __init__(
        self,
        work: Callable[..., Iterable[Any]],
        arguments: tuple[Any, ...],
        prepare: Callable[[], None],
        modules: tuple[str, ...] = (),
        *,
        asked: bool = False,
        aside: bool = True,
    ) -> None:
        self._folder = TemporaryDirectory(prefix="cfce-")
        self._log = Path(self._folder.name) / "child.log"
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        asks = (theirs, work, arguments, prepare, modules, self._log, asked, aside)
        self._process = context.Process(target=_main, args=asks, daemon=True)
        with quiet_start():
            self._process.start()
        theirs.close()
        self._deadline = time.monotonic() + LOADING
        self.is_ready = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def results(self, patience: float) -> Iterator[Any]:
        """The values as they come; ``patience`` is the seconds that each may take once the parts are registered.

        Raises ``UserError`` where the child raised one, and ``ChildFailed`` for anything else.
        """
        self._wait_until_ready()
        while (message := self._next(patience)) != DONE:
            assert isinstance(message, Result)
            yield message.value

    def ask(self, request: object, patience: float) -> Any:
        """The value for one request, of a child that is ``asked``; raises as ``results`` does."""
        self._wait_until_ready()
        with contextlib.suppress(OSError):  # a child that just died is noticed below
            self._connection.send(request)
        message = self._next(patience)
        assert isinstance(message, Result)
        return message.value

    def _wait_until_ready(self) -> None:
        if not self.is_ready:
            self._next(max(0.0, self._deadline - time.monotonic()), LOADING)
            self.is_ready = True

    def end(self) -> None:
        """End the process at once, with what it started."""
        end_process(self._process)
        self._connection.close()
        self._folder.cleanup()

    def _next(self, patience: float, limit: float | None = None) -> object:
        """The next message; ``limit`` is the whole time that ``patience`` is the rest of."""
        if not waited_for([self._connection, self._process.sentinel], patience):
            raise ChildFailed(f"it took more than {limit or patience:.0f} s")
        message = received(self._connection)
        if message is None:
            self._process.join()
            raise ChildFailed(how_it_ended(self._process, self._log))
        if isinstance(message, Raised):
            raise UserError(message.text) if message.is_user_error else ChildFailed(message.text)
        return message


def _main(
    connection: Connection,
    work: Callable[..., Iterable[Any]],
    arguments: tuple[Any, ...],
    prepare: Callable[[], None],
    modules: tuple[str, ...],
    log: Path,
    asked: bool,
    aside: bool,
) -> None:
    shield(log)
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10 if aside else 0)  # it may run beside trials that are timed
    try:
        with uncollected():
            prepare()
            for module in modules:
                import_module(module)
        connection.send(READY)
        for value in work(*arguments, _requests(connection)) if asked else work(*arguments):
            connection.send(Result(value))
        connection.send(DONE)
    except UserError as error:
        connection.send(Raised(str(error), True))
    except FailedError as error:
        connection.send(Raised(str(error), False))
    except Exception as error:  # whatever a plug-in raises
        connection.send(Raised(f"{type(error).__name__}: {short(error)}", False))


def _requests(connection: Connection) -> Iterator[Any]:
    """What the command asks, until it is gone."""
    with contextlib.suppress(EOFError):
        while True:
            yield connection.recv()
