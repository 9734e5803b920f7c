"""``bench export``: a study as tables, or in the store of an experiment tracker."""

from pathlib import Path
from typing import Annotated

import typer

from bench.cli.options import Debug, Plugin

EXAMPLES = """Write a study as tables, or into the store of an experiment tracker: parameters, scores, losses by epoch, files.

csv and parquet need nothing more; mlflow, wandb and tensorboard are extras: python -m pip install 'cfce-bench\\[mlflow]'.
Nothing is sent anywhere: MLflow gets a local store, Weights & Biases offline runs that 'wandb sync' sends.

\b
Examples:
  bench export reports/default --to parquet
  bench export reports/default --to csv --out tables
  bench export reports/default --to mlflow --out mlflow.db
  bench export reports/default --to tensorboard
"""


def export(
    folder: Annotated[Path, typer.Argument(help="A study folder, such as reports/default.")],
    to: Annotated[str, typer.Option(help="csv, parquet, mlflow, wandb or tensorboard.")],
    out: Annotated[Path | None, typer.Option(help="Where to. Default: a place in 'export' of the study folder.")] = None,
    plugin: Plugin = None,
    debug: Debug = False,
) -> int:
    """Write a study as tables, or into the store of an experiment tracker."""
    from bench.cli.terminal import show, tell_problems
    from bench.export import TARGETS
    from bench.notebook import load_study
    from bench.variants.plugins import load_parts
    from cfce.errors import unknown_name

    if to not in TARGETS:
        raise unknown_name("target of --to", to, TARGETS)
    target = TARGETS[to]
    target.check()
    load_parts(tuple(plugin or ()))
    study = load_study(folder)
    place = out if out is not None else folder / target.default
    show(f"{place}: {target.export(study, place)}")
    problems = [*study.unreadable_lines, *study.scores.problem_lines]
    tell_problems(problems)
    return 1 if problems else 0
