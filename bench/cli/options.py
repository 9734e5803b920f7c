"""Flags that several commands share, and lists separated by commas."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cfce.errors import UserError

if TYPE_CHECKING:
    from cfce.scale import RatingScale

Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
"""Here for ``--help``: ``bench.cli.app`` takes it off the line, so that it works for every command."""
Plugin = Annotated[
    list[Path] | None, typer.Option("--plugin", help="A Python file that registers variants; may come more than once.")
]
Dataset = Annotated[str | None, typer.Option(help="A dataset by name, see 'bench list'. Default: ml-100k.")]
Data = Annotated[
    Path | None,
    typer.Option(help="Ratings from disk: the ml-100k zip, its folder or u.data, or a CSV with user, item and rating."),
]
Scale = Annotated[
    str | None, typer.Option(help="With --data: every rating that there may be, such as 1,2,3,4,5. Default: those that come.")
]
ItemKey = Annotated[str, typer.Option("--item-key", help="What an item is: title (as in the book) or id.")]


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


def rating_scale(text: str | None, data: Path | None) -> "RatingScale | None":
    """The scale that ``--scale`` names; ``UserError`` where it is none, or where the data has a scale of its own."""
    values = numbers(text, "rating", "a number, such as 4")
    if values is None:
        return None
    from cfce.scale import RatingScale

    if data is None:
        raise UserError("--scale came without --data; a dataset by name has a scale of its own, so leave --scale out")
    if data.is_dir() or data.suffix in (".zip", ".data"):
        raise UserError(f"--scale came with '{data}'; MovieLens has a scale of its own, so leave --scale out")
    return RatingScale(values)


def check_item_key(item_key: str) -> None:
    """``UserError`` for an item key that does not exist."""
    from cfce.errors import unknown_name

    if item_key not in ("title", "id"):
        raise unknown_name("item key", item_key, ("title", "id"))


def command_line() -> str:
    """The command as it can be typed again."""
    program = "python -m bench" if sys.argv[0].endswith("__main__.py") else "bench"
    return f"{program} {shlex.join(sys.argv[1:])}"
