"""Flags that say which ratings: a dataset by name or a path, and the options of datasets, from which the flags follow."""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from cfce.datasets import MovieLensOptions, ReadingOptions
from cfce.errors import UserError
from cfce.options import field_docs

if TYPE_CHECKING:
    from cfce.ratings import Ratings

F = TypeVar("F", bound=Callable[..., Any])

FORMS = {
    "item_key": "title|id",
    "columns": "user=A,item=B,…",
    "scale": "1,2,3|0.5:5:0.5",
    "levels": "N[:quantile]",
    "duplicates": "keep|last|mean",
}
"""How the value of an option is written, where it is not plain."""
TEXTS = {
    "header": ("no_header", "The first line is a rating, not the names of the columns."),
    "wide": ("wide", "The file is a matrix: a line for each user, a column for each item."),
}
"""Options that are a flag without a value: the flag's name and help."""


@dataclass(frozen=True)
class DataFlags:
    """Which ratings a command was asked for; ``options`` are the texts of the dataset's options that were given."""

    dataset: str | None = None
    path: Path | None = None
    options: Mapping[str, str] | None = None

    def load(self, report: Callable[[str], None]) -> "Ratings":
        """The ratings; ``report`` gets each line for the person at the terminal."""
        from bench.plan.data_source import load_ratings

        if self.dataset is not None and self.path is not None:
            _check_that_path_holds(self.dataset, self.path)
        return load_ratings(self.dataset or "ml-100k", self.options, path=self.path, report=report)


def _check_that_path_holds(name: str, path: Path) -> None:
    """Raise ``UserError`` where a dataset is named beside a path that holds another: which of them is meant is not known."""
    from cfce.datasets import dataset_at

    if dataset_at(path, name).name != name:
        raise UserError(f"--dataset {name} and --data {path} came; pass one of them: the path does not hold '{name}'")


def with_data_flags(function: F) -> F:
    """Decorator: a command with flags for its ratings, which it gets as ``data`` (``DataFlags``)."""
    flags = list(_parameters())
    names = [flag.name for flag in flags]

    @functools.wraps(function)
    def command(**given: Any) -> Any:
        own = {name: given.pop(name) for name in names if name in given}
        options = {**_pairs(own.pop("dataset_option"))}
        dataset, path = own.pop("dataset"), own.pop("data")
        for name, value in own.items():
            option = "header" if name == "no_header" else name
            if value is not None and value is not False:
                options[option] = "false" if name == "no_header" else str(value).lower() if value is True else str(value)
        return function(**given, data=DataFlags(dataset, path, options))

    signature = inspect.signature(function)
    kept = [one.replace(kind=one.KEYWORD_ONLY) for one in signature.parameters.values() if one.name != "data"]
    positional = [one for one in kept if one.default is one.empty]
    command.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*positional, *flags, *(one for one in kept if one not in positional)]
    )
    command.__annotations__ = {one.name: one.annotation for one in (*kept, *flags)} | {"return": signature.return_annotation}
    del command.__wrapped__
    return command  # type: ignore[return-value]


def _parameters() -> Any:
    """The flags as parameters of a command."""

    def flag(name: str, kind: Any, help: str, default: Any = None, **more: Any) -> inspect.Parameter:
        option = typer.Option(f"--{name.replace('_', '-')}", help=help, **more)
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option])

    yield flag("dataset", str | None, "A dataset by name, see 'bench list'. Default: ml-100k.")
    yield flag("data", Path | None, "Ratings from disk: a file or folder as it is, or MovieLens' archive or folder.")
    for options in (MovieLensOptions, ReadingOptions):
        for name, text in field_docs(options).items():
            said, help = TEXTS.get(name, (name, text))
            if name in TEXTS:
                yield flag(said, bool, help, default=False)
            else:
                yield flag(said, str | None, help.replace("``", ""), metavar=FORMS.get(name, "TEXT"))
    yield flag("dataset_option", list[str] | None, "An option of a plug-in's dataset.", metavar="NAME=VALUE")


def _pairs(texts: list[str] | None) -> dict[str, str]:
    found = {}
    for text in texts or ():
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise UserError(f"--dataset-option '{text}' came; it is NAME=VALUE")
        found[name.strip().replace("-", "_")] = value.strip()
    return found
