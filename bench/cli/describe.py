"""``bench describe``: a variant's modules as a diagram, Mermaid text or SVG."""

from typing import Annotated

import typer

from bench.cli.data_flags import DataFlags, with_data_flags
from bench.cli.options import Debug, Plugin, to_stderr
from cfce.errors import UserError

EXAMPLES = """Print a diagram of a variant, as Mermaid text or SVG, drawn from its modules built for a dataset.

\b
Examples:
  bench describe ce
  bench describe regression --dataset synthetic-100000 --factors 10
  bench describe mine --plugin my_variant.py > mine.mmd
  bench describe ce --svg > ce.svg
"""


@with_data_flags
def describe(
    variant: Annotated[str, typer.Argument(help="A variant by name, see 'bench list'.")],
    factors: Annotated[int, typer.Option(help="Latent factors of a user or an item.")] = 50,
    svg: Annotated[bool, typer.Option("--svg", help="An SVG file instead of Mermaid text.")] = False,
    plugin: Plugin = None,
    debug: Debug = False,
    *,
    data: DataFlags,
) -> None:
    """Print a diagram of a variant, as Mermaid text or SVG, drawn from its modules built for a dataset."""
    from bench.diagrams import to_mermaid, to_svg
    from bench.tools.describe import diagram
    from bench.variants.plugins import load_parts
    from bench.variants.variant import VARIANTS
    from cfce.models.sizes import Sizes

    load_parts(tuple(plugin or ()))
    chosen = VARIANTS[variant]
    if factors < 1:
        raise UserError(f"--factors {factors} came; it is a whole number, 1 or above")

    ratings = data.load(to_stderr)
    drawn = diagram(chosen, Sizes(ratings.n_users, ratings.n_items, factors, ratings.scale))
    typer.echo(to_svg(drawn, f"Modules of {variant}", alone=True) if svg else to_mermaid(drawn))
