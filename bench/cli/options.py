"""Flags that several commands share, and lists separated by commas."""

import shlex
import sys
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated

import typer

from cfce.errors import UserError

Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
"""Here for ``--help``: ``bench.cli.app`` takes it off the line, so that it works for every command."""
Plugin = Annotated[
    list[Path] | None, typer.Option("--plugin", help="A Python file that registers parts; may come more than once.")
]


def names(text: str | None) -> tuple[str, ...] | None:
    """The names in a list separated by commas; None where no flag came.

    >>> names("ce, regression")
    ('ce', 'regression')
    """
    if text is None:
        return None
    return tuple(part.strip() for part in text.split(",") if part.strip())


def numbers(text: str | None, what: str, allowed: str) -> tuple[float, ...] | None:
    """The numbers in a list separated by commas; ``UserError`` names the one that is none."""
    parts = names(text)
    if parts is None:
        return None
    found = []
    for part in parts:
        try:
            found.append(float(part))
        except ValueError:
            raise UserError(f"{what} '{part}' came; a {what} is {allowed}") from None
    return tuple(found)


def to_stderr(line: str) -> None:
    """Tell the person at the terminal one line that is not the command's result."""
    typer.echo(line, err=True)


ARGUMENTS: ContextVar[tuple[str, ...]] = ContextVar("ARGUMENTS")
"""The arguments of the command that is running: set by ``bench.cli.app``, since a notebook has no command line of its own."""


def command_line() -> str:
    """The command as it can be typed again."""
    program = "python -m bench" if sys.argv[0].endswith("__main__.py") else "bench"
    return f"{program} {shlex.join(ARGUMENTS.get(tuple(sys.argv[1:])))}"
