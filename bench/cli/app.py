"""The commands under one program, and errors turned into sentences and exit codes."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

import typer

from bench.cli import add, compare, describe, doctor, export_fold, list_, lr_find, report, run, time
from bench.cli.options import ARGUMENTS
from cfce.errors import UserError

COMMANDS: tuple[tuple[str, Callable[..., Any], str], ...] = (
    ("run", run.run, run.EXAMPLES),
    ("report", report.report, report.EXAMPLES),
    ("list", list_.list_all, list_.EXAMPLES),
    ("lr-find", lr_find.lr_find, lr_find.EXAMPLES),
    ("describe", describe.describe, describe.EXAMPLES),
    ("time", time.time, time.EXAMPLES),
    ("add", add.add, add.EXAMPLES),
    ("compare", compare.compare, compare.EXAMPLES),
    ("export-fold", export_fold.export_fold, export_fold.EXAMPLES),
    ("doctor", doctor.doctor, doctor.EXAMPLES),
)
"""A command is a function in a file of its own beside its help with worked examples. A new one is a file and a line here."""

OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    name="bench",
    help="Regression against cross-entropy for collaborative filtering: train every variant, compare them on one scale, report.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name, function, help_text in COMMANDS:
    app.command(name, help=help_text)(function)


def run_cli(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code: 0 all well, 1 some trial failed, 2 bad input, 130 interrupted.

    Bad input is one sentence on stderr; ``--debug`` anywhere on the line shows the traceback instead.
    """
    debug = "--debug" in arguments
    try:
        return invoke([argument for argument in arguments if argument != "--debug"], arguments)
    except KeyboardInterrupt:
        _complain("interrupted")
        return INTERRUPTED
    except Exception as error:
        sentence = sentence_of(error)
        if debug or sentence is None:
            raise
        _complain(sentence)
        return BAD_INPUT


def invoke(arguments: Sequence[str], as_typed: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. Errors are raised as they are.

    ``as_typed`` are the arguments as a study keeps them, by default the same.
    """
    before = ARGUMENTS.set(tuple(arguments if as_typed is None else as_typed))
    try:
        code = typer.main.get_command(app).main(list(arguments), prog_name="bench", standalone_mode=False)
    finally:
        ARGUMENTS.reset(before)
    return code if isinstance(code, int) else OK


def flags_of(command: str) -> dict[str, Any]:
    """The parameters of a command by their name, as typer made them: ``opts``, ``help``, ``default``, ``multiple``."""
    group: Any = typer.main.get_command(app)
    return {parameter.name: parameter for parameter in group.commands[command].params}


def sentence_of(error: Exception) -> str | None:
    """What bad input is told; None for an error that is ours."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error}; --debug shows where"
    if hasattr(error, "format_message"):  # the usage errors of typer, from click or from its own copy of it
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "bench"
        return f"{error.format_message().rstrip('.')}; see '{path} --help'"
    return None


def _complain(sentence: str) -> None:
    print(f"bench: {sentence}", file=sys.stderr)
