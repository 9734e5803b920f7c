"""A program's command: its words, the files among them, and what it lacks to run here."""

import os
import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from cfce.errors import UserError

SCRIPTS = (".py", ".r", ".jl", ".sh", ".pl", ".rb", ".lua", ".js", ".m", ".m4", ".awk")
"""Endings, in lower case, of words that must be files."""

INTERPRETER = re.compile(
    r"(python|pypy|ipython|rscript|r|julia|sh|bash|dash|zsh|ksh|fish|perl|ruby|lua|luajit|node|deno|bun|java|octave|octave-cli|matlab"
    r"|awk|gawk|mawk|m4|uv|uvx|conda|mamba|micromamba|poetry|docker|podman|apptainer|singularity|env|nice|time|make)[-.\d]*(\.exe)?",
    re.IGNORECASE,
)
"""Names of what runs the program that is named after it: such a file is of this machine, and no part of the program."""


@dataclass(frozen=True)
class Command:
    """The words of a command, and the folder that its relative paths start from."""

    words: tuple[str, ...]
    home: Path

    @classmethod
    def of(cls, text: str, home: Path) -> Self:
        """The command in a text, quoted as in a shell; no shell runs it.

        >>> Command.of("Rscript 'my fit.R' --fast", Path("/home")).words
        ('Rscript', 'my fit.R', '--fast')
        """
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise UserError(f"the command {text!r} cannot be read ({error}); quote it as in a shell") from error
        if not words:
            raise UserError("an empty command came; it is a program and its arguments, such as 'Rscript fit.R'")
        return cls(tuple(words), home)

    @cached_property
    def script(self) -> Path | None:
        """The Python file, where the command is that alone."""
        return self._file(self.words[0]) if len(self.words) == 1 and self.words[0].lower().endswith(".py") else None

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """The files among the words, in their order: what decides what the command does.

        The first word counts too, unless it is an interpreter by its name and there are others.
        """
        first, *rest = map(self._file, self.words)
        others = tuple(path for path in rest if path.is_file())
        is_program = first.is_file() and not (others and INTERPRETER.fullmatch(first.name))
        return (first, *others) if is_program else others

    def problem(self) -> str | None:
        """Why the command cannot run here, in one sentence; None where nothing is known against it."""
        first, *rest = self.words
        if self.script is None and self._program() is None:
            if self._file(first).is_file():
                return f"'{first}' is not executable; make it so (chmod +x), or name what runs it, such as 'sh {first}'"
            if os.sep not in first and not first.lower().endswith(SCRIPTS):
                return f"the command '{first}' was not found; install it, or pass its path"
        for word in (first, *rest):
            is_path = word.lower().endswith(SCRIPTS) or (word == first and os.sep in word)
            if is_path and not self._file(word).is_file() and not (word == first and shutil.which(word)):
                return f"there is no file '{word}' in '{self.home}'; pass the path of the program"
        return None

    def argv(self, uv: str | None = None) -> list[str]:
        """The words to start, every file by its absolute path. A Python file alone is run by ``uv``, or by this Python."""
        if self.script is not None:
            return [*((uv, "run", "--quiet", "--script") if uv else (sys.executable,)), str(self.script)]
        rest = [str(self._file(word)) if self._file(word).is_file() else word for word in self.words[1:]]
        return [self._program() or self.words[0], *rest]

    def identity(self) -> tuple[str, ...]:
        """The words without where files lie: the same command in another folder is the same."""
        return tuple(self._file(word).name if self._file(word) in self.files else word for word in self.words)

    def _file(self, word: str) -> Path:
        return (self.home / word).absolute()

    def _program(self) -> str | None:
        """The first word as what can be started: a path, or what is found along ``PATH``."""
        path = self._file(self.words[0])
        if path.is_file() and os.access(path, os.X_OK):
            return str(path)
        return shutil.which(self.words[0])
