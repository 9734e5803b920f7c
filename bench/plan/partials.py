"""What a ``functools.partial`` is made of: the function that it calls, and the arguments that it holds."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from inspect import isroutine
from typing import Any

from bench.plan.source_code import file_of, is_installed

ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def unwrapped(parts: Iterable[Any]) -> tuple[list[Any], list[str]]:
    """Parts without partials: the classes and functions in them, and the other arguments of partials as text.

    A class or function of a library is told by its name alone. The text is the same in every process.

    >>> unwrapped([partial(max, 3, key=len)])
    ([<built-in function max>], ['3', "'key'", 'builtins.len'])
    """
    found: list[Any] = []
    told: list[str] = []
    for part in parts:
        if not isinstance(part, partial):
            found.append(part)
            continue
        functions, values = unwrapped([part.func])
        found += functions
        told += values
        for one in _flat((part.args, part.keywords)):
            source = one if isinstance(one, type) or isroutine(one) else type(one)
            path = file_of(source)
            if path is not None and not is_installed(path):
                found.append(source)
            told.append(f"{source.__module__}.{source.__qualname__}" if source is one else ADDRESS.sub("", repr(one)))
    return found, told


def _flat(value: Any) -> Iterator[Any]:
    """What is in containers and in partials, one by one."""
    if isinstance(value, partial):
        yield from _flat((value.func, value.args, value.keywords))
    elif isinstance(value, Mapping):
        yield from _flat([one for pair in sorted(value.items(), key=repr) for one in pair])
    elif isinstance(value, set | frozenset):
        yield from _flat(sorted(value, key=repr))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _flat(one)
    else:
        yield value
