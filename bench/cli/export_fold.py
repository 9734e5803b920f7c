"""``bench export-fold``: the rows of a fold as files, for a model trained elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from bench.cli.data_flags import DataFlags, with_data_flags
from bench.cli.options import Debug, Plugin
from bench.cli.terminal import show, tell
from cfce.errors import UserError
from cfce.text import counted

EXAMPLES = """Write train, valid and test of a fold, so that any other model trains on the same rows.

The columns are user, item and rating, and of held-out ratings row: the key by which 'bench add' knows them again.

Its predictions of valid and test then go into a study by 'bench add'.

\b
Examples:
  bench export-fold --study reports/default --split 0 --out fold-0
  bench export-fold --dataset ml-100k --protocol random-80-20 --split 3 --format parquet
"""


@with_data_flags
def export_fold(
    study: Annotated[Path | None, typer.Option(help="A study folder: take its data and its protocol.")] = None,
    protocol: Annotated[str | None, typer.Option(help="How to split, see 'bench list'. Default: random-80-10-10.")] = None,
    split: Annotated[int, typer.Option(help="Which fold.")] = 0,
    out: Annotated[Path | None, typer.Option(help="The folder to write to. Default: fold-SPLIT.")] = None,
    format: Annotated[str, typer.Option(help="csv or parquet.")] = "csv",
    plugin: Plugin = None,
    debug: Debug = False,
    *,
    data: DataFlags,
) -> None:
    """Write train, valid and test of a fold with columns user, item, rating, so that any other model trains on the same rows."""
    from bench.external import fold_files
    from bench.variants.plugins import load_parts

    if split < 0:
        raise UserError(f"--split {split} came; it is a whole number, 0 or above")
    load_parts(tuple(plugin or ()))

    if study is None:
        from cfce.splits import split_ratings

        fold = split_ratings(data.load(tell), protocol or "random-80-10-10", split)
    else:
        from bench.study import load_study

        given = {"dataset": data.dataset, **(data.options or {})}
        for name in (name for name, value in given.items() if value is not None):
            raise UserError(f"--study came with --{name.replace('_', '-')}; a study holds its own, so leave it out")
        fold = fold_files.fold_of_study(load_study(study), split, tell, data.path, protocol)
    for path in fold_files.export_fold(fold, out or Path(f"fold-{split}"), format):
        show(f"{path}: {counted(len(fold.rows(path.stem)), 'rating')}")
    if not len(fold.test_rows):
        show(f"the protocol '{fold.protocol}' has no test part: claims are made on valid")
