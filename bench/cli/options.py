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
Primary = Annotated[
    str | None,
    typer.Option(help="The one comparison that is the question, A,B:SCORE: corrected alone and first, the rest exploratory."),
]
Reference = Annotated[str | None, typer.Option(help="Compare everything with this variant alone.")]

Programs = Annotated[
    list[str] | None,
    typer.Option(
        "--program",
        metavar="NAME=COMMAND",
        help="A variant that a command fits; may come more than once: docs/how-to/your-own-model.md.",
    ),
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


ARGUMENTS: ContextVar[tuple[str, ...]] = ContextVar("ARGUMENTS")
"""The arguments of the command that is running: set by ``bench.cli.app``, since a notebook has no command line of its own."""


def command_line() -> str:
    """The command as it can be typed again."""
    program = "python -m bench" if sys.argv[0].endswith("__main__.py") else "bench"
    return " ".join([program, *map(quoted, ARGUMENTS.get(tuple(sys.argv[1:])))])


def quoted(argument: str) -> str:
    r"""An argument as a shell takes it, printable: other signs are written in the form that bash, ksh and zsh read.

    >>> print(quoted("a b"), quoted("a\x1b'"))
    'a b' $'a\x1b\''
    """
    if argument.isprintable():
        return shlex.quote(argument)
    text = argument.replace("\\", "\\\\").replace("'", "\\'")
    return "$'" + "".join(one if one.isprintable() else _escaped(one) for one in text) + "'"


def _escaped(sign: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in sign.encode("utf-8", "surrogateescape"))
