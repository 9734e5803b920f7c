"""Variants from outside: installed packages (entry points ``cfce.variants``) and single files (``--plugin FILE.py``)."""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path

from bench.registry import VARIANTS
from cfce.errors import UserError
from cfce.objectives import OBJECTIVES

GROUP = "cfce.variants"
"""The entry point group; each entry names a module whose import registers variants."""


def load_variants(plugins: Sequence[Path] = ()) -> None:
    """Register the built-in variants, those of installed packages and those of plug-in files; a second call adds nothing.

    Raises ``UserError`` in one sentence for a plug-in that is missing, that raises, or that registers nothing.
    """
    importlib.import_module("bench.variants")
    for point in entry_points(group=GROUP):
        _import(f"entry point '{point.name}' of the group {GROUP}", point.value, point.load)
    for path in plugins:
        load_plugin(path)


def load_plugin(path: Path) -> None:
    """Run a plug-in file; its variants and objectives replace those that the same file registered before."""
    if not path.is_file():
        raise UserError(f"plug-in '{path}' is not a file; pass the path of a Python file that registers variants")
    source = str(path.resolve())
    module_name = f"cfce_plugin_{path.stem}"
    for name in [name for name, variant in VARIANTS.items() if variant.source == source]:
        del VARIANTS[name]
    for name in [name for name, objective in OBJECTIVES.items() if type(objective).__module__ == module_name]:
        del OBJECTIVES[name]
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None:
        raise UserError(f"plug-in '{path}' is not a Python file; pass a file whose name ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module

    def run() -> None:
        # not through the loader, whose cache takes a file that was edited within a second for the one before
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)

    if not _import(f"plug-in '{path}'", source, run):
        raise UserError(f"plug-in '{path}' registers no variant; decorate a scorer with bench.registry.register_variant")


def _import(what: str, source: str, load: Callable[[], object]) -> list[str]:
    """Run an import and give the names that it registered, marked with their source."""
    before = set(VARIANTS), set(OBJECTIVES)
    try:
        load()
    except UserError as error:
        _forget(*before)
        raise UserError(f"{what} cannot be used: {error}") from error
    except Exception as error:  # a plug-in may raise anything
        _forget(*before)
        raise UserError(f"{what} raised {type(error).__name__}: {error}; mend it, or run without it") from error
    added = [name for name in VARIANTS if name not in before[0]]
    for name in added:
        VARIANTS[name] = replace(VARIANTS[name], source=source)
    return added


def _forget(variants: set[str], objectives: set[str]) -> None:
    """Take back what a plug-in registered before it raised."""
    for name in set(VARIANTS) - variants:
        del VARIANTS[name]
    for name in set(OBJECTIVES) - objectives:
        del OBJECTIVES[name]
