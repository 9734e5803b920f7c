"""What a program says of itself in its file: a table ``[tool.cfce]`` in a block of inline script metadata.

The block has the form of PEP 723, so ``uv run --script`` reads the same one; in a file of any language whose comments begin
with ``#`` it is comments. Source: https://packaging.python.org/en/latest/specifications/inline-script-metadata/
"""

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cfce.errors import UserError, unknown_name
from cfce.options import KINDS, Option
from cfce.search import Range

FAMILIES = ("regression", "classification", "ordinal")
FORMATS = ("parquet", "csv")
BLOCK = re.compile(r"^# /// script[ \t]*\r?\n(?P<content>(?:#(?:| [^\n]*)\n)+?)# ///[ \t]*\r?$", re.M)
KEYS = ("description", "source", "family", "format", "seed", "files", "options")
OPTION_KEYS = ("default", "help", "low", "high", "log", "choices")


@dataclass(frozen=True)
class Declaration:
    """What others need to know of a program; without a block, the defaults."""

    description: str = ""
    source: str = ""
    """The paper or the documentation."""
    family: str = "regression"
    """One of ``FAMILIES``; the last two give distributions."""
    format: str = "parquet"
    """One of ``FORMATS``: of the files that it reads and writes."""
    seed: bool = True
    """Whether another seed can give other predictions."""
    files: tuple[str, ...] = ()
    """Further files, beside its own, whose content decides what it predicts."""
    options: tuple[Option, ...] = ()
    """Its options, with where a search looks."""
    dependencies: bool = False
    """Whether the block names packages or a Python: an environment of its own is made for it."""


def read_declaration(path: Path) -> Declaration:
    """The declaration in a file, or the defaults where it has no block.

    Raises ``UserError`` with the file and the key for a block that is not TOML, and for a key or a value that is not allowed.
    """
    try:
        text = path.read_bytes()[:65536].decode(errors="replace")
    except OSError as error:
        raise UserError(f"'{path}' cannot be read ({error.strerror}); pass a file that can be") from error
    found = BLOCK.search(text)
    if found is None:
        return Declaration()
    content = "".join(line.removeprefix("#").removeprefix(" ") + "\n" for line in found["content"].splitlines())
    try:
        block = tomllib.loads(content)
        return declaration_of(block)
    except (tomllib.TOMLDecodeError, UserError) as error:
        raise UserError(f"the block '# /// script' of '{path}' cannot be used: {error}") from error


def declaration_of(block: Mapping[str, Any]) -> Declaration:
    """The declaration in the TOML of a block.

    >>> block = {"tool": {"cfce": {"family": "ordinal", "options": {"rank": {"default": 10, "low": 2, "high": 64, "log": True}}}}}
    >>> declaration_of(block).options[0].default, declaration_of(block).options[0].ranges[0].text
    (10, '2 to 64, logarithmic')
    """
    table = dict(block.get("tool", {}).get("cfce", {}))
    for key in table:
        if key not in KEYS:
            raise unknown_name("key", f"tool.cfce.{key}", [f"tool.cfce.{one}" for one in KEYS])
    options = _typed(table, "options", dict, {})
    family, form = _typed(table, "family", str, "regression"), _typed(table, "format", str, "parquet")
    if family not in FAMILIES:
        raise unknown_name("family", family, FAMILIES)
    if form not in FORMATS:
        raise unknown_name("format", form, FORMATS)
    files = _typed(table, "files", list, [])
    return Declaration(
        description=_typed(table, "description", str, ""),
        source=_typed(table, "source", str, ""),
        family=family,
        format=form,
        seed=_typed(table, "seed", bool, True),
        files=tuple(map(str, files)),
        options=tuple(_option(name, given) for name, given in options.items()),
        dependencies=bool(block.get("dependencies")) or "requires-python" in block,
    )


def _typed(table: Mapping[str, Any], key: str, kind: type, default: Any) -> Any:
    value = table.get(key, default)
    if type(value) is not kind:
        names = {**KINDS, list: "a list", dict: "a table"}
        raise UserError(f"tool.cfce.{key} is {value!r}; it is {names[kind]}")
    return value


def _option(name: str, given: Any) -> Option:
    """An option, with where a search looks."""
    where = f"tool.cfce.options.{name}"
    table = given if isinstance(given, dict) else {"default": given}
    for key in table:
        if key not in OPTION_KEYS:
            raise unknown_name("key", f"{where}.{key}", [f"{where}.{one}" for one in OPTION_KEYS])
    if not name.isidentifier():
        raise UserError(f"the option '{name}' came; its name is a word of letters, digits and _")
    default = table.get("default")
    if type(default) not in KINDS or (isinstance(default, float) and not math.isfinite(default)):
        raise UserError(f"{where}.default is {default!r}; it is a number, a word, true or false")
    option = Option(name, type(default), default, str(table.get("help", "")))
    return replace(option, ranges=_ranges(where, option, table))


def _ranges(where: str, option: Option, table: Mapping[str, Any]) -> tuple[Range, ...]:
    """Where a search looks; nowhere for an option that has neither choices nor a range."""
    if "choices" in table:
        if not isinstance(table["choices"], list) or not table["choices"]:
            raise UserError(f"{where}.choices is {table['choices']!r}; it is a list of values")
        return (Range(choices=tuple(option.value(one) for one in table["choices"])),)
    if "low" not in table and "high" not in table:
        return ()
    if option.kind not in (int, float) or not {"low", "high"} <= set(table):
        raise UserError(f"{where} has a range, which is low and high of a number; give both, or choices")
    try:
        return (Range(option.value(table["low"]), option.value(table["high"]), bool(table.get("log", False))),)
    except UserError as error:
        raise UserError(f"{where}: {error}") from error
