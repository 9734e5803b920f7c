"""The estimator ``Program``: a command fits to a fold and predicts."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Self

from cfce.engines.task import Fitted
from cfce.errors import UserError
from cfce.estimators.estimator import Estimator, Task
from cfce.estimators.program.command import Command
from cfce.estimators.program.declaration import Declaration, read_declaration
from cfce.estimators.program.folder import write_task
from cfce.estimators.program.output import read_output, read_timing
from cfce.estimators.program.running import ProgramError, run_program
from cfce.estimators.program.uv import INSTALL, environment_without_ours, find_uv, make_environment
from cfce.options import Option, OptionValues


@dataclass(frozen=True)
class Program(Estimator):
    """Any command: it is run in a folder with the fold's ratings (``write_task``) and leaves predictions there (``read_output``).

    What it is and which options it has stands in the first of its files that has a block ``# /// script`` (``Declaration``).
    A Python file alone whose block names dependencies is run by ``uv`` in an environment of its own.
    """

    label: ClassVar[str] = "program"
    libraries: ClassVar[tuple[str, ...]] = ()
    outside: ClassVar[bool] = True

    command: Command
    declaration: Declaration = field(default_factory=Declaration)
    chosen: OptionValues = field(default_factory=OptionValues)
    """Options that differ from the declared defaults."""
    declared_in: Path | None = None
    """The file that declares it, beside which further files are looked for; None for the first of the command's."""

    @classmethod
    def of(cls, command: Command) -> Self:
        """The program of a command, with what the first of its files declares that declares anything."""
        for file in command.files:
            if (declaration := read_declaration(file)) != Declaration():
                return cls(command, declaration, declared_in=file)
        return cls(command)

    @property
    def family(self) -> str:  # type: ignore[override]
        """The declared family."""
        return self.declaration.family

    @property
    def uses_seed(self) -> bool:  # type: ignore[override]
        """As declared."""
        return self.declaration.seed

    @property
    def description(self) -> str:
        """As declared, with its source; else the command."""
        said = self.declaration.description or f"the program {' '.join(self.command.identity())}"
        return f"{said} ({self.declaration.source})" if self.declaration.source else said

    def options(self) -> dict[str, Option]:
        """The declared options."""
        return {one.name: replace(one, default=self.chosen.get(one.name, one.default)) for one in self.declaration.options}

    def with_options(self, values: Mapping[str, Any]) -> Self:
        """The same program with some options set."""
        options = self.options()
        chosen = {name: options[name].value(value) for name, value in values.items()}
        return replace(self, chosen=self.chosen.replaced(**chosen))

    @property
    def files(self) -> tuple[Path, ...]:
        """The command's files, and those that are declared beside the one that declares them."""
        own = self.command.files
        home = self.declared_in or next(iter(own), None)
        return own if home is None else (*own, *(home.parent / name for name in self.declaration.files))

    def identity(self) -> str:
        """The command's words, without where its files lie, and what kind of files it reads."""
        return json.dumps([self.command.identity(), self.declaration.format])

    def obstacle(self) -> str:
        """A command, a file or ``uv`` that is not here."""
        problem = self.command.problem()
        if problem is not None:
            return problem
        for file in self.files:
            if not file.is_file():
                return f"there is no file '{file}', which the program declares; put it there, or take it out of tool.cfce.files"
        if self.needs_uv and find_uv() is None:
            return f"{self.command.words[0]} needs an environment of its own, but uv was not found; install it: {INSTALL}"
        return ""

    def prepare(self, log: Callable[[str], None]) -> None:
        """See that the command can run here, and make the environment of a script that needs one."""
        obstacle = self.obstacle()
        if obstacle:
            raise UserError(obstacle)
        uv = find_uv() if self.needs_uv else None
        if uv and self.command.script:
            make_environment(self.command.script, uv, log)

    @property
    def needs_uv(self) -> bool:
        """Whether it has an environment of its own."""
        return self.command.script is not None and self.declaration.dependencies

    def fit(self, task: Task) -> Fitted:
        """Write the folder, run the command in it, and read what it left; the folder is gone afterwards."""
        declared = self.declaration
        with TemporaryDirectory(prefix="cfce-program-", ignore_cleanup_errors=True) as name:
            place = Path(name)
            folder = place / "task"
            write_task(folder, task, {name: option.default for name, option in self.options().items()}, declared.format)
            argv = self.command.argv(find_uv() if self.needs_uv else None)
            environment = environment_without_ours() if self.needs_uv else os.environ
            ended = run_program(argv, folder, place, environment, task.seconds)
            try:
                predictions = read_output(folder / f"predictions.{declared.format}", task.fold, declared.family)
                timing = read_timing(folder / "timing.json")
            except UserError as error:
                raise ProgramError(str(error), ended.printed) from error
        alone = timing.fit_seconds is not None
        return Fitted(
            history=(),
            predictions=predictions,
            fit_seconds=ended.seconds if timing.fit_seconds is None else timing.fit_seconds,
            peak_memory_mb=ended.peak_mb,
            n_parameters=timing.n_parameters or 0,
            timed="fit" if alone else "process",
            printed=ended.printed,
        )
