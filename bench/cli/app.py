"""The commands under one program, and errors turned into sentences and exit codes."""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import typer

from bench.cli import add, compare, describe, doctor, export, export_fold, list_, lr_find, report, run, suite, summary, time, tune
from bench.cli.interrupt import INTERRUPTED, Interrupted, interrupts
from bench.cli.options import ARGUMENTS
from bench.cli.streams import flush_output, prepare_streams, quiet_libraries
from bench.cli.terminal import complain, unwritten
from cfce.errors import FailedError, UserError
from cfce.files import NO_ROOM
from cfce.text import short

TASKS: dict[str, tuple[tuple[str, Callable[..., Any], str], ...]] = {
    "Train and compare": (
        ("run", run.run, run.EXAMPLES),
        ("tune", tune.tune, tune.EXAMPLES),
        ("report", report.report, report.EXAMPLES),
        ("compare", compare.compare, compare.EXAMPLES),
    ),
    "Across datasets": (
        ("suite", suite.suite, suite.EXAMPLES),
        ("summary", summary.summary, summary.EXAMPLES),
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
    "For other programs": (("export", export.export, export.EXAMPLES),),
    "This machine": (
        ("doctor", doctor.doctor, doctor.EXAMPLES),
        ("time", time.time, time.EXAMPLES),
    ),
}
"""Task to its commands. A command is a function in a file of its own beside its help with worked examples; a new one is a
file and a line here."""

COMMANDS = tuple(command for commands in TASKS.values() for command in commands)

OK, FAILED, BAD_INPUT = 0, 1, 2
NUMBERS = {"int_parsing": "a whole number", "float_parsing": "a number"}
"""What is allowed by the reason for which a value was refused."""

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
    """Run one command line; the exit code: 0 all well, 1 something failed, 2 bad input, 130 interrupted, 143 terminated.

    Bad input is one sentence on stderr; ``--debug`` anywhere on the line shows the traceback instead.
    """
    debug = "--debug" in arguments
    rest = [argument for argument in arguments if argument != "--debug"]
    prepare_streams()
    with interrupts() as came:
        try:
            code = _run(rest, debug, arguments)
        except Interrupted as error:
            if str(error):  # else it was told already
                complain(str(error))
            return came.code
        except BaseException as error:
            if came.count or isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":
                complain("interrupted")
                return came.code
            raise
        if came.count or code == INTERRUPTED:  # typer made it a code, or a library swallowed it
            complain("interrupted")
            code = came.code
        if problem := flush_output():
            complain(f"the output cannot be written: {problem}")
            code = code or FAILED
    return code


def _run(arguments: Sequence[str], debug: bool, as_typed: Sequence[str]) -> int:
    """The exit code of a command, its errors turned into sentences; what is no error of the user is raised."""
    try:
        return invoke(arguments, debug, as_typed)
    except SystemExit as error:  # of a plug-in, or of typer for a pipe that is read no more
        if isinstance(error.__context__, BrokenPipeError):
            return _output_is_lost(error.__context__)
        complain(f"a plug-in ended the command with SystemExit({error.code!r}); mend it, or run without it")
        return BAD_INPUT
    except Interrupted:
        raise
    except Exception as error:
        sentence = sentence_of(error)
        sentence = _blame(error) if sentence is None else sentence
        if debug or sentence is None:
            raise
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            if error.filename is None:
                return _output_is_lost(error)
            complain(f"{unwritten(error)}; make room, and give the command again")
            return FAILED
        if sentence:  # the help was shown
            complain(sentence)
        return BAD_INPUT if isinstance(error, UserError | OSError) or hasattr(error, "format_message") else FAILED


def _output_is_lost(error: OSError) -> int:
    flush_output()
    complain(f"the output cannot be written: {error.strerror}")
    return FAILED


def invoke(arguments: Sequence[str], debug: bool = False, as_typed: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. Errors are raised as they are.

    ``as_typed`` are the arguments as a study keeps them, by default the same.
    """
    _check_that_none_is_empty(arguments)
    before = ARGUMENTS.set(tuple(arguments if as_typed is None else as_typed))
    try:
        with contextlib.nullcontext() if debug else quiet_libraries():
            code = typer.main.get_command(app).main(list(arguments), prog_name="bench", standalone_mode=False)
    finally:
        ARGUMENTS.reset(before)
    return code if isinstance(code, int) else OK


def _check_that_none_is_empty(arguments: Sequence[str]) -> None:
    """Raise ``UserError`` for an argument without a sign, which a path would read as the current folder.

    ``--none ''`` says what a blank rating means.
    """
    for at, argument in enumerate(arguments):
        flag, sign, value = argument.partition("=")
        name = flag or (arguments[at - 1] if at else "bench")
        if (not argument or (flag.startswith("--") and sign and not value)) and name != "--none":
            raise UserError(
                f"nothing came for {name}, perhaps from a shell variable that is not set; give a value, or leave it out"
            )


def flags_of(command: str) -> dict[str, Any]:
    """The parameters of a command by their name, as typer made them: ``opts``, ``help``, ``default``, ``multiple``."""
    group: Any = typer.main.get_command(app)
    return {parameter.name: parameter for parameter in group.commands[command].params}


def sentence_of(error: Exception) -> str | None:
    """What bad input is told; None for an error that is ours, empty where the help was shown in its place."""
    if isinstance(error, UserError | FailedError):
        return str(error)
    if isinstance(error, OSError):
        return f"'{error.filename}': {error.strerror}; --debug shows where" if error.filename else f"{error}; --debug shows where"
    if hasattr(error, "format_message"):  # the usage errors of typer, from click or from its own copy of it
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "bench"
        message = (_wrong_value(error) or error.format_message()).rstrip(".")
        see = f"ee '{path} --help'"
        return message and (f"{message} S{see}" if message.endswith("?") else f"{message}; s{see}")
    return None


def _wrong_value(error: Any) -> str:
    """What is told of a value that is no number where one is needed; empty for other errors."""
    reasons: list[Any] = getattr(error.__cause__, "errors", list)()  # of the library that typer reads values with
    flags = [flag for flag in getattr(getattr(error, "param", None), "opts", ()) if flag.startswith("--")]
    allowed = NUMBERS.get(reasons[0]["type"]) if reasons else None
    return f"{flags[0]} {short(reasons[0]['input'])} came; it is {allowed}" if allowed and flags else ""


def _blame(error: Exception) -> str | None:
    """What is told where code of a plug-in raised what nobody expects; None for an error that is ours."""
    from bench.variants.plugins import plug_in_to_blame

    source = plug_in_to_blame(error)
    what = f"{source} raised {type(error).__name__}: {short(error)}"
    return source and f"{what}; mend it, or run without it (--debug shows where)"
