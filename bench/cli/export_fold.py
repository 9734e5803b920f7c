"""``bench export-fold``: the rows of a fold as files, for a model trained elsewhere."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import Data, Dataset, Debug, Scale, check_item_key, rating_scale
from cfce.errors import UserError

if TYPE_CHECKING:
    from cfce.scale import RatingScale
    from cfce.splits import Fold

EXAMPLES = """Write train, valid and test of a fold (columns user, item, rating), so that any other model trains on the same rows.

Its predictions of valid and test then go into a study by 'bench add'.

\b
Examples:
  bench export-fold --study reports/default --split 0 --out fold-0
  bench export-fold --dataset ml-100k --protocol random-80-20 --split 3 --format parquet
"""


def export_fold(
    study: Annotated[Path | None, typer.Option(help="A study folder: take its data and its protocol.")] = None,
    dataset: Dataset = None,
    data: Data = None,
    scale: Scale = None,
    protocol: Annotated[str | None, typer.Option(help="How to split, see 'bench list'. Default: random-80-10-10.")] = None,
    split: Annotated[int, typer.Option(help="Which fold.")] = 0,
    item_key: Annotated[str | None, typer.Option("--item-key", help="What an item is: title or id. Default: title.")] = None,
    out: Annotated[Path | None, typer.Option(help="The folder to write to. Default: fold-SPLIT.")] = None,
    format: Annotated[str, typer.Option(help="csv or parquet.")] = "csv",
    debug: Debug = False,
) -> None:
    """Write train, valid and test of a fold with columns user, item, rating, so that any other model trains on the same rows."""
    from bench.external import fold_files

    if split < 0:
        raise UserError(f"--split {split} came; it is a whole number, 0 or above")

    def say(line: str) -> None:
        typer.echo(line, err=True)

    if study is None:
        fold = _fold_of_flags(dataset, data, rating_scale(scale, data), protocol, split, item_key, say)
    else:
        from bench.study import load_study

        given = {"--dataset": dataset, "--scale": scale, "--protocol": protocol, "--item-key": item_key}
        for flag in (flag for flag, value in given.items() if value is not None):
            raise UserError(f"--study came with {flag}; a study says its own, so leave {flag} out")
        fold = fold_files.fold_of_study(load_study(study), split, say, data)
    for path in fold_files.export_fold(fold, out or Path(f"fold-{split}"), format):
        typer.echo(f"{path}: {len(fold.rows(path.stem)):,} ratings")
    if not len(fold.test_rows):
        typer.echo(f"the protocol '{fold.protocol}' has no test part: claims are made on valid")


def _fold_of_flags(
    dataset: str | None,
    data: Path | None,
    scale: "RatingScale | None",
    protocol: str | None,
    split: int,
    item_key: str | None,
    say: Callable[[str], None],
) -> "Fold":
    from bench.slicing import load_ratings
    from cfce.splits import split_ratings

    check_item_key(item_key or "title")
    ratings = load_ratings(dataset or "ml-100k", item_key=item_key or "title", path=data, say=say, scale=scale)
    return split_ratings(ratings, protocol or "random-80-10-10", split)
