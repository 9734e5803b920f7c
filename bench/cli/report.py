"""``bench report``: write the report of a study again, from the study alone."""

from pathlib import Path
from typing import Annotated

import typer

from bench.cli.options import Debug, Plugin, Primary, Reference
from bench.cli.terminal import show, tell_problems, where_report_is

EXAMPLES = """Write results.csv, verdicts.csv, report.md, report.html and the figures of a study again; nothing is trained.

Exit code 1 says that a trial cannot be read or a part of the report could not be made; the rest is written.

\b
Examples:
  bench report reports/default
  bench report reports/quick
  bench report reports/default --primary ce,regression:nll
  bench report reports/default --reference regression
"""


def report(
    folder: Annotated[Path, typer.Argument(help="A study folder, such as reports/default.")],
    primary: Primary = None,
    reference: Reference = None,
    plugin: Plugin = None,
    debug: Debug = False,
) -> int:
    """Write results.csv, verdicts.csv, report.md, report.html and the figures of a study again; nothing is trained."""
    from bench.report import write_report
    from bench.study import load_study
    from bench.study.lock import study_lock
    from bench.variants.plugins import load_parts

    answers: list[str] = []
    load_parts(tuple(plugin or ()))
    load_study(folder)  # says it where there is none, before a lock file is left there
    with study_lock(folder):
        problems = write_report(load_study(folder), primary, reference, tell=answers.append)
    tell_problems(problems)
    show(where_report_is(folder))
    for sentence in answers:
        show(sentence)
    return 1 if problems else 0
