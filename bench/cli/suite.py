"""``bench suite``: the studies of several datasets from one file, and their summary."""

import inspect
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from bench.cli.options import Debug, Plugin, command_line
from bench.cli.run import run
from bench.cli.terminal import show, tell_problems
from bench.cli.tune import tune

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
    from bench.variants.plugins import load_parts

    plugins = tuple(plugin or ())
    load_parts(plugins)
    of_plugins = [word for path in plugins for word in ("--plugin", str(path))]
    flags = {command.__name__: list(inspect.signature(command).parameters) for command in (run, tune)}
    found = read_suite(file, flags)
    failed = 0
    for step in found.steps:
        words = [*step.words, *of_plugins]
        show(f"bench {shlex.join(words)}")
        if dry:
            continue
        code = subprocess.run([sys.executable, "-m", "bench", *words], check=False).returncode
        if code in (2, 130):
            return code
        failed += code != 0
    if dry:
        return 0
    problems = write_summary([step.folder for step in found.steps], found.metric, found.out, command_line())
    tell_problems(problems)
    show(f"summary: {found.out / 'summary.md'} and {found.out / 'summary.html'}")
    return 1 if failed or problems else 0
