"""The parts of a command as a value: registered in any process, and packed for machines that do not have its files."""

import importlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.plan.source_code import ROOT, with_imports
from bench.variants.plugins import load_parts
from bench.variants.programs import NamedCommand
from cfce.estimators.program import Command, Program
from cfce.estimators.program.command import SCRIPTS

NAME = "cfce_luggage"
"""The package that holds the files; a machine imports it to learn where it was put."""


@dataclass(frozen=True)
class Parts:
    """What ``--plugin`` and ``--program`` name. Called, it registers them with the parts of installed packages."""

    plugins: tuple[Path, ...] = ()
    programs: tuple[NamedCommand, ...] = ()

    def __call__(self) -> None:
        """Register."""
        load_parts(self.plugins, self.programs)

    def packed(self, folder: Path) -> "tuple[Packed, list[str]]":
        """Copy the files of the parts under a folder; the parts as they travel, and the packages that go with them.

        A Python file takes along what it imports from beside it, and no other file of its folder.
        """
        packages = [str(Path(__file__).parents[1]), str(ROOT / "cfce")]
        if not self.plugins and not self.programs:
            return Packed(self), packages
        root = folder / NAME
        root.mkdir(parents=True)
        (root / "__init__.py").write_text('"""Files of plug-ins and programs."""\n')
        plugins = tuple(_copied(path, root, f"plugin-{number}") for number, path in enumerate(self.plugins))
        programs = tuple(_packed(program, root, f"program-{number}") for number, program in enumerate(self.programs))
        return Packed(Parts(plugins, programs)), [*packages, str(root)]


@dataclass(frozen=True)
class Packed:
    """Parts whose paths start from where the luggage was put. Called there, it registers them."""

    parts: Parts

    def __call__(self) -> None:
        """Register."""
        self.unpacked()()

    def unpacked(self) -> Parts:
        """The parts with the paths that their files have on this machine."""
        if not self.parts.plugins and not self.parts.programs:
            return self.parts
        root = Path(str(importlib.import_module(NAME).__file__)).parent
        programs = tuple(replace(one, command=replace(one.command, home=root / one.command.home)) for one in self.parts.programs)
        return Parts(tuple(root / path for path in self.parts.plugins), programs)


def _packed(program: NamedCommand, root: Path, place: str) -> NamedCommand:
    """A program whose files were copied: its words name the copies, from the folder that its paths start from.

    A first word that is an interpreter, or an absolute path of no script, is not copied.
    """
    words = []
    estimator = Program.of(program.command)
    for number, word in enumerate(program.command.words):
        file = (program.command.home / word).absolute()
        travels = number > 0 or not Path(word).is_absolute() or word.lower().endswith(SCRIPTS)
        travels &= file in program.command.files
        declared = estimator.declaration.files if file == estimator.declared_in else ()
        words.append(_copied(file, root / place, str(number), declared).as_posix() if travels else word)
    return NamedCommand(program.name, Command(tuple(words), Path(place)))


def _copied(path: Path, root: Path, place: str, further: Sequence[str] = ()) -> Path:
    """Copy a file, with what it imports and declares beside it, to a place under a folder; its path from that folder."""
    path = path.resolve()
    roots = (path, *(path.parent / name for name in further))
    for file in {file for one in roots if one.is_file() for file in with_imports(one)}:
        if file.is_relative_to(path.parent):
            target = root / place / file.relative_to(path.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
    return Path(place) / path.name
