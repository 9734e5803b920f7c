"""The file of a suite: which datasets, and the command and flags that each is run with."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cfce.errors import UserError, unknown_name
from cfce.strict_toml import read_toml

COMMANDS = ("tune", "run")
TOP = ("out", "metric", "dataset", *COMMANDS)
TAKEN = ("out", "debug")
"""Flags that the suite sets itself."""


@dataclass(frozen=True)
class Step:
    """One study of a suite: a command line, without the program's name, and its folder."""

    words: tuple[str, ...]
    folder: Path


@dataclass(frozen=True)
class Suite:
    """What a file asks for."""

    out: Path
    metric: str
    steps: tuple[Step, ...]


def read_suite(path: Path, flags: Mapping[str, Collection[str]]) -> Suite:
    """The suite in a TOML file; ``flags`` are the flags of each command, such as ``learning_rates``.

    ``out`` (default: reports/NAME of the file) and ``metric`` (default nll) are of the summary; a table ``[tune]`` or ``[run]``
    holds
    flags for all datasets; each ``[[dataset]]`` holds those of one, ``name`` and ``dataset`` or ``data`` among them.

    Raises ``UserError`` for what is no TOML, an unknown key, neither or both of the tables, and fewer than two datasets.
    """
    content = read_toml(path, "a suite", "docs/how-to/several-datasets.md")
    for key in content:
        if key not in TOP:
            raise unknown_name("key of a suite", key, TOP)
    commands = [name for name in COMMANDS if name in content]
    if len(commands) != 1:
        raise UserError(
            f"'{path}' has {' and '.join(f'[{one}]' for one in commands) or 'neither [tune] nor [run]'}; give one of the two"
        )
    (command,) = commands
    datasets = content.get("dataset")
    if not isinstance(datasets, list) or len(datasets) < 2 or not all(isinstance(one, dict) for one in datasets):
        raise UserError(f"'{path}' has fewer than two [[dataset]] tables; a suite is of two datasets or more")
    common = content[command]
    for key, kind in (("out", str), ("metric", str), (command, dict)):
        if key in content and not isinstance(content[key], kind):
            raise UserError(f"'{path}' gives {key} {content[key]}; it is {'a table' if kind is dict else 'text'}")
    known = [one for one in flags[command] if one not in TAKEN]
    out = Path(content.get("out", Path("reports") / path.stem))
    steps, names = [], set()
    for given in datasets:
        name = str(given.get("name", given.get("dataset", "")))
        if not name or name in names or name in (".", "..") or "/" in name or not name.isprintable():
            raise UserError(f"'{path}' has a dataset called '{name}'; each needs a name of its own, such as name = \"ml-100k\"")
        names.add(name)
        words = [command]
        for key, value in {**common, **{one: value for one, value in given.items() if one != "name"}}.items():
            flag = key.replace("-", "_")
            if flag not in known:
                raise unknown_name(f"flag of 'bench {command}'", key, known)
            words += _words(flag, value)
        folder = out / name
        steps.append(Step((*words, "--out", str(folder)), folder))
    return Suite(out, str(content.get("metric", "nll")), tuple(steps))


def _words(flag: str, value: Any) -> list[str]:
    """A flag on the command line; a table of options is one flag each.

    >>> _words("variants", ["ce", "regression"]), _words("resume", False), _words("option", {"epochs": 3})
    (['--variants', 'ce,regression'], ['--no-resume'], ['--option', 'epochs=3'])
    """
    name = f"--{flag.replace('_', '-')}"
    if isinstance(value, bool):
        return [name] if value else [f"--no-{flag.replace('_', '-')}"]
    if isinstance(value, dict):
        return [word for key, one in value.items() for word in (name, f"{key}={_text(one)}")]
    return [name, _text(value)]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(_text, value)) if isinstance(value, list) else str(value)
