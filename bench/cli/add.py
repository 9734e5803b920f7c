"""``bench add``: another model's predictions into a study."""

from pathlib import Path
from typing import Annotated

import typer

from bench.cli.options import Debug, Plugin
from bench.cli.terminal import show, tell, tell_problems, where_report_is

EXAMPLES = """Put the predictions of any other model into a study, beside the variants trained here, and write the report again.

PREDICTIONS has the columns user, item and either 'prediction' or one 'p_<rating>' for each rating of the scale, with a row
for every row of valid and test that 'bench export-fold' wrote. Its column 'row' says which is which where a pair comes more
than once; a column 'part' (valid, test) tells a pair that is in both parts apart. Valid is needed too: the spread of a point
prediction is fitted there.

\b
Examples:
  bench export-fold --study reports/default --split 0 --out fold-0
  bench add "my SVD" svd-0.csv --study reports/default --split 0
  bench add "my SVD" svd-1.parquet --study reports/default --split 1
"""


def add(
    name: Annotated[str, typer.Argument(help="What tables and tests call this model.")],
    predictions: Annotated[Path, typer.Argument(help="A .csv or .parquet file.")],
    study: Annotated[Path, typer.Option(help="The study folder, such as reports/default.")],
    split: Annotated[int, typer.Option(help="The fold that these are predictions of.")] = 0,
    seed: Annotated[int | None, typer.Option(help="The model's own seed. Default: the split, as in most plans.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of other predictions under this name.")] = False,
    plugin: Plugin = None,
    debug: Debug = False,
) -> int:
    """Put the predictions of any other model into a study, beside the variants trained here, and write the report again."""
    from bench.external import add_predictions
    from bench.report import write_report
    from bench.study import load_study
    from bench.study.lock import study_lock
    from bench.variants.plugins import load_parts

    load_parts(tuple(plugin or ()))
    load_study(study)  # says it where there is none, before a lock file is left there
    with study_lock(study):
        added = add_predictions(
            name,
            predictions,
            load_study(study),
            split=split,
            seed=split if seed is None else seed,
            replace=replace,
            log=tell,
        )
        rows = ", ".join(f"{count:,} of {part}" for part, count in added.rows.items())
        instead = f", in the place of {added.replaced}" if added.replaced else ""
        show(f"added '{name}' as trial {added.trial_id} ({rows}){instead}")
        problems = write_report(load_study(study))
    tell_problems(problems)
    show(where_report_is(study))
    return 1 if problems else 0
