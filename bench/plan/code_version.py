"""Which code fits a trial: a hash that changes when a result could change."""

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from operator import itemgetter
from pathlib import Path
from typing import Any

from bench.plan.partials import unwrapped
from bench.plan.source_code import ROOT, forget_sources, source_files, with_imports
from cfce.estimators import Estimator
from cfce.protocols import Protocol


def code_version(estimator: Estimator, engine: str, protocol: Protocol) -> str:
    """What fits an estimator under a protocol, as the first 16 hexadecimal digits of a SHA-256.

    It covers the source of what they declare (scorer, objective and engine; a protocol's way of splitting), with all that
    these files import, and the versions of the declared libraries. What nothing of it imports, such as a new metric or
    dataset, changes nothing; options are in a trial's id by value.
    """
    parts, values = unwrapped((*estimator.code(engine), protocol.split))
    digest = hashlib.sha256()
    for library in estimator.libraries_of(engine):
        digest.update(f"{library}={_version(library)}\0".encode())
    for part in parts:
        digest.update(f"{part.__module__}.{getattr(part, '__qualname__', '')}\0".encode() if _is_ours(part) else b"\1")
    if identity := estimator.identity():
        digest.update(identity.encode() + b"\2")
    for value in values:
        digest.update(value.encode() + b"\3")
    for name, content in _contents(parts, estimator.files):
        digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()[:16]


def _is_ours(part: Callable[..., Any] | type) -> bool:
    """Whether a part's module has a name of its own; a plug-in's is made from where its file lies."""
    return part.__module__.partition(".")[0] in ("cfce", "bench")


def _contents(parts: Sequence[Callable[..., Any] | type], further: Sequence[Path]) -> list[tuple[str, bytes]]:
    """Name and content of each file, by name, the same wherever the package or the plug-in lies; with what Python files import.

    Files of one name stand in the order in which they are imported or declared.
    """
    files = [file for part in parts for file in source_files(part)]
    files += [file for path in further if path.is_file() for file in with_imports(path)]
    return sorted(((_name(file), _read(file)) for file in dict.fromkeys(files)), key=itemgetter(0))


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix() if file.is_relative_to(ROOT / "cfce") else file.name


@cache
def _read(file: Path) -> bytes:
    return file.read_bytes()


def forget_files() -> None:
    """Read files anew, as they may have been edited."""
    _read.cache_clear()
    forget_sources()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "absent"
