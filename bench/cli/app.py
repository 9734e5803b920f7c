"""The commands under one program, and errors turned into sentences and exit codes."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

import typer

from bench.cli import add, compare, describe, doctor, export_fold, list_, lr_find, report, run, time, tune
from cfce.errors import UserError

TASKS: dict[str, tuple[tuple[str, Callable[..., Any], str], ...]] = {
    "Train and compare": (
        ("run", run.run, run.EXAMPLES),
        ("tune", tune.tune, tune.EXAMPLES),
        ("report", report.report, report.EXAMPLES),
        ("compare", compare.compare, compare.EXAMPLES),
    ),
    "Look at the parts": (
        ("list", list_.list_all, list_.EXAMPLES),
        ("describe", describe.describe, describe.EXAMPLES),
        ("lr-find", lr_find.lr_find, lr_find.EXAMPLES),
    ),
    "Predictions from elsewhere": (
        ("export-fold", export_fold.export_fold, export_fold.EXAMPLES),
        ("add", add.add, add.EXAMPLES),
    ),
    "This machine": (
        ("doctor", doctor.doctor, doctor.EXAMPLES),
        ("time", time.time, time.EXAMPLES),
    ),
}
"""Task to its commands. A command is a function in a file of its own beside its help with worked examples; a new one is a
file and a line here."""

COMMANDS = tuple(command for commands in TASKS.values() for command in commands)

OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    name="bench",
    help="Ratings learnt by regression, as classes or as ordered classes: train variants, compare them on one scale, report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for panel, commands in TASKS.items():
    for name, function, help_text in commands:
        app.command(name, help=help_text, rich_help_panel=panel)(function)


def run_cli(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code: 0 all well, 1 some trial failed, 2 bad input, 130 interrupted.

    Bad input is one sentence on stderr; ``--debug`` anywhere on the line shows the traceback instead.
    """
    debug = "--debug" in arguments
    rest = [argument for argument in arguments if argument != "--debug"]
    try:
        code = typer.main.get_command(app).main(rest, prog_name="bench", standalone_mode=False)
    except KeyboardInterrupt:
        _complain("interrupted")
        return INTERRUPTED
    except Exception as error:
        sentence = _sentence(error)
        if debug or sentence is None:
            raise
        _complain(sentence)
        return BAD_INPUT
    return code if isinstance(code, int) else OK


def _sentence(error: Exception) -> str | None:
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
