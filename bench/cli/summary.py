"""``bench summary``: one page over the studies of several datasets."""

from pathlib import Path
from typing import Annotated

import typer

from bench.cli.options import Debug, Plugin, command_line
from bench.cli.terminal import show, tell_problems

EXAMPLES = """One page over studies of several datasets: scores and ranks, wins by verdict, mean ranks with a critical difference,
and a random-effects mean of each pair's differences.

Nothing is trained and no prediction is read: the verdicts of the studies are taken. With fewer than 6 datasets nothing is tested
across them.

\b
Examples:
  bench summary reports/default reports/synthetic-100000
  bench summary reports/tuned-* --metric normalized_rmse --out reports/summary-rmse
  bench summary reports/a reports/b --plugin my_metric.py --metric far_off
"""


def summary(
    studies: Annotated[list[Path], typer.Argument(help="Study folders, each of other data.")],
    metric: Annotated[str, typer.Option(help="The score to compare, one that has verdicts.")] = "nll",
    out: Annotated[Path, typer.Option(help="The folder to write into.")] = Path("reports/summary"),
    plugin: Plugin = None,
    debug: Debug = False,
) -> int:
    """Write summary.md, summary.html, summary.csv and figures over studies of several datasets."""
    from bench.summary import write_summary
    from bench.variants.plugins import load_parts

    load_parts(tuple(plugin or ()))
    problems = write_summary(studies, metric, out, command_line())
    tell_problems(problems)
    show(f"summary: {out / 'summary.md'} and {out / 'summary.html'}")
    return 1 if problems else 0
