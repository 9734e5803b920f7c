"""``bench suite``: the studies of several datasets from one file, and their summary."""

import inspect
import shlex
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from bench.cli.interrupt import CODES, Interrupted
from bench.cli.options import Debug, Plugin, command_line
from bench.cli.run import run
from bench.cli.terminal import show, tell, tell_problems
from bench.cli.tune import tune
from bench.harness.process import module_of_ours
from cfce.errors import FailedError

EXAMPLES = """Run the studies of a file, one dataset after the other, and summarise them.

The file names the datasets, the command (tune or run) and its flags. Each study is resumed by running the suite again.

\b
Examples:
  bench suite suite.toml
  bench suite suite.toml --dry   # the commands, and nothing is run
  bench suite suite.toml --plugin my_metric.py   # for each study and for the summary
"""


def suite(
    file: Annotated[Path, typer.Argument(help="A TOML file, see docs/how-to/several-datasets.md.")],
    dry: Annotated[bool, typer.Option("--dry", help="Say the commands, and run nothing.")] = False,
    plugin: Plugin = None,
    debug: Debug = False,
) -> int:
    """Run the studies of a file, one dataset after the other, and write their summary."""
    from bench.summary import write_summary
    from bench.summary.suite import read_suite
    from bench.summary.write import metric_named
    from bench.variants.plugins import load_parts

    plugins = tuple(plugin or ())
    load_parts(plugins)
    of_plugins = [word for path in plugins for word in ("--plugin", str(path))]
    flags = {command.__name__: list(inspect.signature(command).parameters) for command in (run, tune)}
    found = read_suite(file, flags)
    metric_named(found.metric)
    codes = {}
    for step in found.steps:
        words = [*step.words, *of_plugins]
        show(f"bench {shlex.join(words)}")
        if not dry:
            codes[step] = _run(words)
    if dry:
        return 0
    made = [step.folder for step, code in codes.items() if code in (0, 1)]
    for step, code in codes.items():
        if code not in (0, 1):
            tell(f"'{step.folder}' is left out of the summary: its command ended with exit code {code}")
    if len(made) < 2:
        if set(codes.values()) == {2}:
            return 2
        raise FailedError(f"{len(made)} of {len(codes)} studies came, and a summary needs two; {command_line()} tries again")
    problems = write_summary(made, found.metric, found.out, command_line())
    tell_problems(problems)
    show(f"summary: {found.out / 'summary.md'} and {found.out / 'summary.html'}")
    return 1 if problems or any(codes.values()) else 0


def _run(words: list[str]) -> int:
    """The exit code of one study's command; a signal that ends the suite ends it too, and it cleans up first."""
    command, environment = module_of_ours("bench", *words)
    with subprocess.Popen(command, env=environment) as child:
        try:
            code = child.wait()
        except KeyboardInterrupt:
            child.terminate()  # Ctrl-C reached it too, of which this is but another one
            code = child.wait()
            raise Interrupted("" if code in CODES.values() else "interrupted") from None
    if code in CODES.values():
        raise Interrupted("")
    return code
