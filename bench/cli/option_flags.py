"""Flags for options: short forms that follow from ``TrainingOptions``, and ``--option NAME=VALUE,…`` for any."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

import typer

from bench.cli.options import names
from bench.plan.flag_names import SHORT_NAMES
from cfce.errors import UserError
from cfce.options import TrainingOptions, options_of

F = TypeVar("F", bound=Callable[..., Any])


def _any_option(several: str) -> Any:
    text = f"Any option of any variant, see 'bench list'; {several}. May come once for each option."
    return typer.Option("--option", metavar="NAME=VALUE[,VALUE…]", help=text)


AnyOption = Annotated[list[str] | None, _any_option("several values are crossed")]
PinnedOption = Annotated[list[str] | None, _any_option("one value is kept throughout, of several one is searched for")]


def with_option_flags(function: F) -> F:
    """Decorator: a command with a flag for each training option; it is called with what was given as ``short_options``.

    A value may be several, separated by commas.
    """
    short = {SHORT_NAMES.get(name, name): option for name, option in options_of(TrainingOptions).items()}

    @functools.wraps(function)
    def command(**given: Any) -> Any:
        asked = {short[name].name: given.pop(name) for name in list(given) if name in short}
        return function(**given, short_options={name: names(text) for name, text in asked.items() if text is not None})

    signature = inspect.signature(function)
    flags = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[str | None, typer.Option(f"--{name.replace('_', '-')}", help=_help(option))],
        )
        for name, option in short.items()
    ]
    own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in signature.parameters.values()]
    own = [parameter for parameter in own if parameter.name != "short_options"]
    command.__signature__ = signature.replace(parameters=[*own, *flags])  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in (*own, *flags)} | {"return": signature.return_annotation}
    del command.__wrapped__
    return command  # type: ignore[return-value]


def _help(option: Any) -> str:
    """The option's own line, its default, and that several values are crossed."""
    text = str(option.help).rstrip(".")
    return f"{text}; several are separated by commas."


def read_options(texts: Sequence[str] | None) -> dict[str, tuple[str, ...]]:
    """The values asked for by ``--option``.

    >>> read_options(["epochs=5,10", "optimizer=sgd"])
    {'epochs': ('5', '10'), 'optimizer': ('sgd',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    for text in texts or ():
        name, sign, values = text.partition("=")
        if not sign or not name.strip() or not values.strip():
            raise UserError(f"--option '{text}' came; it is NAME=VALUE, or NAME=VALUE,VALUE, such as epochs=5,10")
        key = name.strip().replace("-", "_")
        if key in found:
            raise UserError(f"--option {key} came twice; give its values at once, such as --option {key}=5,10")
        found[key] = names(values) or ()
    return found


def all_options(short: Mapping[str, tuple[str, ...]], texts: Sequence[str] | None) -> dict[str, tuple[str, ...]]:
    """The values of options by their short flags and by ``--option``; ``UserError`` for one that came by both."""
    found = read_options(texts)
    for name in short:
        if name in found:
            flag = f"--{SHORT_NAMES.get(name, name).replace('_', '-')}"
            raise UserError(f"{flag} and --option {name} came, which are the same; give its values by one of them")
    return {**short, **found}
