"""The standard streams, whatever they were given as: closed, in an encoding of few letters, or a pipe that ends."""

import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from bench.cli.terminal import tell

HOMES = tuple(Path(__file__).parents[2] / name for name in ("bench", "cfce"))
"""Where warnings come from that are for the user."""


def prepare_streams() -> None:
    """Open what is closed on nothing, and let letters that an encoding lacks be written as escapes."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(number, "w", encoding="utf-8", closefd=False))  # noqa: SIM115 - as long as the process
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def flush_output() -> str:
    """Write out what was printed; why that cannot be done, or ``''``. After that nothing more is written there."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the end of the process does not try again
        return str(getattr(error, "strerror", None) or error)
    return ""


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keep the warnings and the log of libraries off the terminal; our own warnings are shown as one line each, once."""
    shown: set[str] = set()

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if any(Path(filename).is_relative_to(home) for home in HOMES) and str(message) not in shown:
            shown.add(str(message))
            tell(str(message))

    handler = logging.NullHandler()
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = show
            yield
    finally:
        root.removeHandler(handler)
