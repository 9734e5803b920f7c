"""``bench describe``: a variant's modules as a Mermaid diagram."""

from typing import Annotated

import typer

from bench.cli.options import Data, Dataset, Debug, ItemKey, Plugin, Scale, check_item_key, rating_scale
from cfce.errors import UserError

EXAMPLES = """Print a Mermaid diagram of a variant, drawn from its modules built for a dataset.

\b
Examples:
  bench describe ce
  bench describe regression --dataset synthetic-100000 --factors 10
  bench describe mine --plugin my_variant.py > mine.mmd
"""


def describe(
    variant: Annotated[str, typer.Argument(help="A variant by name, see 'bench list'.")],
    dataset: Dataset = None,
    data: Data = None,
    scale: Scale = None,
    item_key: ItemKey = "title",
    factors: Annotated[int, typer.Option(help="Latent factors of a user or an item.")] = 50,
    plugin: Plugin = None,
    debug: Debug = False,
) -> None:
    """Print a Mermaid diagram of a variant, drawn from its modules built for a dataset."""
    from bench.describe import mermaid
    from bench.plugins import load_parts
    from bench.slicing import load_ratings
    from bench.variant import VARIANTS
    from cfce.models.sizes import Sizes

    load_parts(tuple(plugin or ()))
    chosen = VARIANTS[variant]
    check_item_key(item_key)
    if factors < 1:
        raise UserError(f"--factors {factors} came; it is a whole number, 1 or above")

    def say(line: str) -> None:
        typer.echo(line, err=True)

    ratings = load_ratings(dataset or "ml-100k", item_key=item_key, path=data, say=say, scale=rating_scale(scale, data))
    typer.echo(mermaid(chosen, Sizes(ratings.n_users, ratings.n_items, factors, ratings.scale)))
