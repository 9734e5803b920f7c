"""Which source files decide what a part computes: the file that defines it, and what that file imports, and so on.

Imports inside functions count too. Followed are modules of ``cfce`` and files beside a plug-in; a name that is imported from
a package leads to the module that defines it, so that a new file in a package changes nothing for those who do not use it.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import cfce

INERT = ("cfce.errors", "cfce.options", "cfce.ratings", "cfce.registry", "cfce.datasets")
"""Modules that decide no result: what data and options are is in a trial's id by value."""

ROOT = Path(str(cfce.__file__)).parents[1]


def source_files(part: Callable[..., Any] | type) -> frozenset[Path]:
    """The files behind a class or function; empty for one that has no file, as if typed into an interpreter."""
    module = sys.modules.get(part.__module__)
    file = getattr(module, "__file__", None)
    return frozenset(_closure(Path(file).resolve())) if file else frozenset()


def with_imports(path: Path) -> frozenset[Path]:
    """A file, and where it is Python what it imports; a file that Python cannot read stands alone."""
    try:
        return _closure(path.resolve()) if path.suffix == ".py" else frozenset({path})
    except (SyntaxError, ValueError):
        return frozenset({path})


@cache
def _closure(start: Path) -> frozenset[Path]:
    found: set[Path] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path)
    return frozenset(found)


@cache
def _imported(path: Path) -> tuple[Path, ...]:
    """The files that a file imports, of ``cfce`` or beside it."""
    home = path.parent
    found: list[Path] = []
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            found += [file for alias in node.names for file in _files_of(alias.name, (), home)]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += _files_of(node.module, tuple(alias.name for alias in node.names), home)
    return tuple(found)


def _files_of(module: str, names: tuple[str, ...], home: Path) -> Iterator[Path]:
    """The files that ``from module import names`` takes from; nothing for a library."""
    if module == "bench" or module.startswith(("bench.", *(f"{inert}." for inert in INERT))) or module in INERT:
        return
    root = ROOT if module == "cfce" or module.startswith("cfce.") else home
    place = root.joinpath(*module.split("."))
    if place.with_suffix(".py").is_file():
        yield place.with_suffix(".py")
    elif (place / "__init__.py").is_file():
        for name in names:
            if (place / f"{name}.py").is_file() or (place / name / "__init__.py").is_file():
                yield from _files_of(f"{module}.{name}", (), home)
            else:
                yield from _definers(place / "__init__.py", name, home)
        if root is home:
            yield place / "__init__.py"


def _definers(package: Path, name: str, home: Path) -> Iterator[Path]:
    """The file that a name of a package comes from: the module that the package takes it from, or the package itself."""
    for node in _tree(package).body:
        if isinstance(node, ast.ImportFrom) and node.module and any((one.asname or one.name) == name for one in node.names):
            yield from _files_of(node.module, (name,), home)
            return


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def forget_sources() -> None:
    """Read files anew, as when a plug-in is loaded again."""
    for cached in (_closure, _imported, _tree):
        cached.cache_clear()
