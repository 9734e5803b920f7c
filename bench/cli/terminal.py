"""What commands print: foreign text made printable, problems in few lines."""

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from cfce.text import printable

MOST_PROBLEMS = 10
LONGEST = 2_000
"""Signs of one line that are shown."""


def show(text: str) -> None:
    """Print a command's result."""
    typer.echo(printable(text))


def tell(line: str) -> None:
    """Tell the user one line that is not the command's result."""
    typer.echo(printable(line, LONGEST), err=True)


def complain(sentence: str) -> None:
    """Print an error on one line."""
    print(f"bench: {printable(' '.join(sentence.split()), LONGEST)}", file=sys.stderr)


def tell_problems(problems: Sequence[str]) -> None:
    """Tell what a report could not read or make: the first lines, and how many more there are."""
    for line in problems[:MOST_PROBLEMS]:
        tell(line)
    if len(problems) > MOST_PROBLEMS:
        tell(f"and {len(problems) - MOST_PROBLEMS:,} more, which the report lists")


def where_report_is(folder: Path) -> str:
    """The line that names the report's files in a study folder, as far as they could be made."""
    found = [str(file) for name in ("report.md", "report.html") if (file := folder / name).exists()]
    return f"report: {' and '.join(found) or 'none could be made'}"


def unwritten(error: OSError) -> str:
    """An error of the system while a study is written: what it is, and of which file.

    >>> unwritten(OSError(28, "No space left on device", "reports/ce/trials/0.json"))
    "'reports/ce/trials/0.json' cannot be written (No space left on device)"
    """
    what = error.strerror or str(error)
    return f"'{error.filename}' cannot be written ({what})" if error.filename else f"a file cannot be written ({what})"
