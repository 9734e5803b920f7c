"""Errors that a person at a terminal can act on."""

from collections.abc import Iterable
from difflib import get_close_matches

from cfce.text import NAME, short


class UserError(ValueError):
    """Bad input, said in one sentence: what came, what is allowed, what to do."""


class FailedError(RuntimeError):
    """What was asked for is right and yet failed, said in one sentence: what failed, why, what to do."""


def unknown_name(kind: str, name: str, allowed: Iterable[str]) -> UserError:
    """The error for a name that is not in a registry: suggests the nearest and lists all.

    >>> str(unknown_name("variant", "regresion", ["regression", "ce"]))
    "unknown variant 'regresion' (did you mean 'regression'?); allowed: ce, regression"
    """
    name, names = short(name, NAME), sorted(allowed)
    near = get_close_matches(name, names, n=1)
    hint = f" (did you mean '{near[0]}'?)" if near else ""
    return UserError(f"unknown {kind} '{name}'{hint}; allowed: {', '.join(names)}")
