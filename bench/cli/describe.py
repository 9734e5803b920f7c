"""``bench describe``: a variant's modules as a diagram, Mermaid text or SVG."""

from functools import partial
from typing import Annotated

import typer

from bench.cli.data_flags import DataFlags, with_data_flags
from bench.cli.options import Debug, Plugin
from bench.cli.terminal import show, tell
from cfce.errors import FailedError, UserError
from cfce.text import NAME, short

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
    from bench.diagrams import from_mermaid, to_svg
    from bench.harness.child import Child, ChildFailed
    from bench.harness.drawing import LIBRARIES, PATIENCE, draw
    from bench.variants.plugins import load_parts
    from bench.variants.variant import VARIANTS
    from cfce.models.sizes import Sizes

    plugins = tuple(path.resolve() for path in plugin or ())
    load_parts(plugins)
    VARIANTS[variant]  # or it raises
    if factors < 1:
        raise UserError(f"--factors {factors} came; it is a whole number, 1 or above")

    ratings = data.load(tell)
    wanted = ((variant, Sizes(ratings.n_users, ratings.n_items, factors, ratings.scale)),)
    try:
        with Child(draw, (wanted,), partial(load_parts, plugins), LIBRARIES) as child:
            for text in child.results(PATIENCE):
                graph = from_mermaid(text) if svg else None
                show(to_svg(graph, f"Modules of {variant}", alone=True) if graph else text)
    except ChildFailed as error:
        raise FailedError(f"'{short(variant, NAME)}' cannot be drawn: {error}") from error
