"""Parts from outside: installed packages (entry points ``cfce.plugins``) and single files (``--plugin FILE.py``)."""

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from traceback import walk_tb

from bench.plan.code_version import forget_files
from bench.plan.source_code import is_installed
from bench.registry import REGISTRIES
from bench.variants.programs import NamedCommand, register_program
from cfce.errors import UserError
from cfce.text import short

GROUP = "cfce.plugins"
"""The entry point group; each entry names a module whose import registers parts."""
PREFIX = "cfce_plugin_"
"""How the names of the modules of plug-in files begin."""


def load_parts(plugins: Sequence[Path] = (), programs: Sequence[NamedCommand] = ()) -> None:
    """Register the built-in variants, the parts of installed packages, those of plug-in files, and programs.

    A second call adds nothing.

    Raises ``UserError`` in one sentence for a plug-in that is missing, that raises, or that registers nothing.
    """
    forget_files()
    importlib.import_module("bench.variants.built_in")
    importlib.import_module("bench.variants.peers")
    for point in entry_points(group=GROUP):
        _import(f"entry point '{point.name}' of the group {GROUP}", point.value, point.load)
    for path in plugins:
        load_plugin(path)
    for program in programs:
        register_program(program)


def load_plugin(path: Path) -> None:
    """Run a plug-in file; its parts replace those that the same file registered before."""
    if not path.is_file():
        raise UserError(f"plug-in '{path}' is not a file; pass the path of a Python file that registers parts")
    source = str(path.resolve())
    for registry in REGISTRIES.values():
        for name in [name for name in registry if registry.source(name) == source]:
            registry.forget(name)
    module_name = f"{PREFIX}{path.stem}_{hashlib.sha256(source.encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(module_name, path.resolve())
    if spec is None:
        raise UserError(f"plug-in '{path}' is not a Python file; pass a file whose name ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    forget_files()

    def run() -> None:
        folder = str(path.resolve().parent)
        sys.path.insert(0, folder)  # so that it finds helper modules beside it
        _forget_helpers(Path(folder))
        try:
            # not through the loader, whose cache takes a file that was edited within a second for the one before
            exec(compile(path.read_bytes(), str(path.resolve()), "exec"), module.__dict__)
        finally:
            sys.path.remove(folder)

    if not _import(f"plug-in '{path}'", source, run):
        raise UserError(f"plug-in '{path}' registers nothing; import what registers a part from bench.registry")


def _forget_helpers(folder: Path) -> None:
    """Helpers of another plug-in's folder, or of this one before it was edited, are not taken for this one's."""
    kept = {"bench", "cfce", *sys.stdlib_module_names, *_installed_packages()}
    files = {path.stem for path in folder.glob("*.py")}
    folders = {path.name for path in folder.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    of_plugins = {folder, *_folders_of_plugins()}
    for name, module in list(sys.modules.items()):
        first = name.partition(".")[0]
        if first in kept or first not in files | folders:
            continue
        has = getattr(module, "__dict__", {})  # modules of some libraries make up what they are asked for
        places = [has["__file__"]] if has.get("__file__") else list(has.get("__path__", ()))  # a package may have no file
        lies = {parent for place in places for parent in Path(place).resolve().parents}
        is_beside = first in folders and not lies.isdisjoint(of_plugins) and not any(map(is_installed, map(Path, places)))
        if places and (is_beside or (first == name and name in files)):
            del sys.modules[name]


def _folders_of_plugins() -> set[Path]:
    """The folders of the plug-in files that were loaded."""
    return {Path(str(module.__file__)).parent for name, module in list(sys.modules.items()) if name.startswith(PREFIX)}


def _installed_packages() -> set[str]:
    """The packages that are plug-ins by their entry point."""
    return {point.value.partition(":")[0].partition(".")[0] for point in entry_points(group=GROUP)}


def _import(what: str, source: str, load: Callable[[], object]) -> bool:
    """Run an import and mark what it registered with its source; whether there was anything."""
    before = {kind: set(registry) for kind, registry in REGISTRIES.items()}
    try:
        load()
    except UserError as error:
        _forget(before)
        raise UserError(f"{what} cannot be used: {error}") from error
    except SystemExit as error:
        _forget(before)
        raise UserError(f"{what} ended with SystemExit({error.code!r}); mend it, or run without it") from error
    except Exception as error:  # a plug-in may raise anything
        _forget(before)
        raise UserError(f"{what} raised {type(error).__name__}: {short(error)}; mend it, or run without it") from error
    added = False
    for kind, registry in REGISTRIES.items():
        for name in set(registry) - before[kind]:
            registry.mark(name, source)
            added = True
    return added


def plug_in_to_blame(error: BaseException) -> str | None:
    """The plug-in file, or the package, whose code an error came through; None where it is of none."""
    packages = _installed_packages()
    frames = [frame.f_globals for frame, _ in walk_tb(error.__traceback__)]
    for names in reversed(frames):
        module = str(names.get("__name__", ""))
        if module.startswith(PREFIX):
            return f"plug-in '{short(names.get('__file__', module))}'"
        if module.partition(".")[0] in packages:
            return f"plug-in package '{short(module.partition('.')[0])}'"
    return None


def _forget(before: dict[str, set[str]]) -> None:
    """Take back what a plug-in registered before it raised."""
    for kind, registry in REGISTRIES.items():
        for name in set(registry) - before[kind]:
            registry.forget(name)
