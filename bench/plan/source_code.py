"""Which source files decide what a part computes: the file that defines it, and what that file imports, and so on.

Imports inside functions count too. Followed are modules of ``cfce`` and what lies beside a plug-in or a program, packages too;
a name that is imported from a package of ``cfce`` leads to the module that defines it, so that a new file in a package changes
nothing for those who do not use it.
"""

import ast
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cfce

INERT = ("cfce.errors", "cfce.options", "cfce.ratings", "cfce.registry", "cfce.datasets")
"""Modules that decide no result: what data and options are is in a trial's id by value."""

ROOT = Path(str(cfce.__file__)).parents[1]
STANDARD = Path(sysconfig.get_path("stdlib")).resolve()


@dataclass(frozen=True)
class Beside:
    """Where imports that are not of ``cfce`` are looked for."""

    folder: Path
    """The folder that absolute imports start from."""
    package: str = ""
    """The one package that is followed there, as the others are other libraries; empty where all are."""

    def follows(self, name: str) -> bool:
        """Whether the imports of a package or a module are followed."""
        return self.package in ("", name) or (self.folder / f"{name}.py").is_file()


def source_files(part: Callable[..., Any] | type) -> tuple[Path, ...]:
    """The files behind a class or function; none for one that has no file, as if typed into an interpreter."""
    name = part.__module__
    path = file_of(part)
    if path is None:
        return ()
    depth = name.count(".") + (path.name == "__init__.py")
    folder = path.parents[min(depth, len(path.parents) - 1)]
    return _closure(path, Beside(folder, name.partition(".")[0] if _has_libraries(folder) else ""))


def file_of(part: Callable[..., Any] | type) -> Path | None:
    """The file of the module of a class or function."""
    file = getattr(sys.modules.get(part.__module__), "__file__", None)
    return Path(file).resolve() if file else None


def is_installed(path: Path) -> bool:
    """Whether a file is of the standard library or of an installed package."""
    return any(map(_has_libraries, path.parents))


def _has_libraries(folder: Path) -> bool:
    return folder.name in ("site-packages", "dist-packages") or folder == STANDARD


def with_imports(path: Path) -> tuple[Path, ...]:
    """A file, and where it is Python what it imports."""
    path = path.resolve()
    return _closure(path, Beside(path.parent)) if path.suffix == ".py" else (path,)


@cache
def _closure(start: Path, beside: Beside) -> tuple[Path, ...]:
    """A file and what it imports, in an order that the files alone decide."""
    found: dict[Path, None] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = None
            # in cfce a library that has the name of a file beside the importing one leads to that file: stored ids rest on it
            waiting += _imported(path, Beside(path.parent) if path.is_relative_to(ROOT / "cfce") else beside)
    return tuple(found)


@cache
def _imported(path: Path, beside: Beside) -> tuple[Path, ...]:
    """The files that a file imports, of ``cfce`` or beside it."""
    found: list[Path] = []
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            found += [file for alias in node.names for file in _files_of(alias.name, (), beside)]
        elif isinstance(node, ast.ImportFrom):
            names = tuple(alias.name for alias in node.names)
            if not node.level:
                found += _files_of(str(node.module), names, beside)
            elif path.is_relative_to(beside.folder):
                package = path.relative_to(beside.folder).parts[: -node.level]
                found += _files_beside((*package, *(node.module or "").split(".")), names, beside.folder)
    return tuple(found)


def _files_of(module: str, names: tuple[str, ...], beside: Beside) -> Iterator[Path]:
    """The files that ``from module import names`` takes from; nothing for a library."""
    first = module.partition(".")[0]
    if first == "cfce":
        yield from _files_of_cfce(module, names)
    elif first != "bench" and beside.follows(first):
        yield from _files_beside(tuple(module.split(".")), names, beside.folder)


def _files_beside(module: tuple[str, ...], names: tuple[str, ...], folder: Path) -> Iterator[Path]:
    """The files that an import runs: every package on the way, the module, and what of the names is a module."""
    for name in filter(None, module):
        found = _module(folder / name)
        yield from found
        folder = folder / name
    for name in names:
        yield from _module(folder / name)


def _module(place: Path) -> tuple[Path, ...]:
    """The file of a module, of a package its ``__init__.py``; none where there is neither."""
    return tuple(path for path in (place / "__init__.py", place.parent / f"{place.name}.py") if path.is_file())[:1]


def _files_of_cfce(module: str, names: tuple[str, ...]) -> Iterator[Path]:
    """The same for ``cfce``, where a package leads to the modules that its names come from, and does not count itself."""
    if module in INERT or module.startswith(tuple(f"{inert}." for inert in INERT)):
        return
    place = ROOT.joinpath(*module.split("."))
    if place.with_suffix(".py").is_file():
        yield place.with_suffix(".py")
    elif (place / "__init__.py").is_file():
        for name in names:
            if _module(place / name):
                yield from _files_of_cfce(f"{module}.{name}", ())
            else:
                yield from _definers(place / "__init__.py", name)


def _definers(package: Path, name: str) -> Iterator[Path]:
    """The file that a name of a package comes from: the module that the package takes it from."""
    for node in _tree(package).body:
        if isinstance(node, ast.ImportFrom) and node.module and any((one.asname or one.name) == name for one in node.names):
            yield from _files_of(node.module, (name,), Beside(package.parent))
            return


@cache
def _tree(path: Path) -> ast.Module:
    """A file's syntax; of one that Python cannot read an empty one, as it imports nothing."""
    try:
        return ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def forget_sources() -> None:
    """Read files anew, as they may have been edited."""
    for cached in (_closure, _imported, _tree):
        cached.cache_clear()
