"""Programs as variants: what ``--program NAME=COMMAND`` asks for, put under its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.variants.variant import VARIANTS, register_variant
from cfce.errors import UserError
from cfce.estimators.program import Command, Program

SOURCE = "--program"
"""The source of a variant that a flag names."""


@dataclass(frozen=True)
class NamedCommand:
    """One ``--program``."""

    name: str
    command: Command


def read_programs(texts: Sequence[str] | None) -> tuple[NamedCommand, ...]:
    """The programs that flags ask for; their files are looked for from the present folder."""
    found = []
    for text in texts or ():
        name, sign, command = text.partition("=")
        name = name.strip()
        if not sign or not name or not command.strip():
            raise UserError(f"--program '{text}' came; it is NAME=COMMAND, such as mine='Rscript fit.R'")
        if "," in name:
            raise UserError(f"--program '{text}' came; a name has no comma, as --variants is a list of them")
        found.append(NamedCommand(name, Command.of(command, Path.cwd())))
    names = [one.name for one in found]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"--program {name}=… came twice; give each program a name of its own")
    return tuple(found)


def register_program(program: NamedCommand) -> None:
    """Put a program under its name; one of an earlier call gives way, any other variant of that name raises ``UserError``."""
    if program.name in VARIANTS and VARIANTS.source(program.name) == SOURCE:
        VARIANTS.forget(program.name)
    estimator = Program.of(program.command)
    register_variant(program.name, estimator.description, estimator=estimator)
    VARIANTS.mark(program.name, SOURCE)
