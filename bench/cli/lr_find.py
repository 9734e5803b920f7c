"""``bench lr-find``: the learning rate that fastai suggests for a variant."""

from pathlib import Path
from typing import Annotated

import typer

from bench.cli.data_flags import DataFlags, with_data_flags
from bench.cli.options import Debug, Plugin, to_stderr

EXAMPLES = """Run fastai's learning rate finder: the suggestion (valley) and the plot of loss over learning rate.

\b
Examples:
  bench lr-find ce
  bench lr-find regression --out lr.png
  bench lr-find mine --plugin my_variant.py --dataset synthetic-100000
"""


@with_data_flags
def lr_find(
    variant: Annotated[str, typer.Argument(help="A variant by name, see 'bench list'.")],
    protocol: Annotated[str, typer.Option(help="How the ratings are split, see 'bench list'.")] = "random-80-20",
    seed: Annotated[int, typer.Option(help="Split, initial weights and order come from it.")] = 0,
    batch_size: Annotated[int, typer.Option(help="Ratings a step.")] = 64,
    factors: Annotated[int, typer.Option(help="Latent factors of a user or an item.")] = 50,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    plugin: Plugin = None,
    out: Annotated[Path | None, typer.Option(help="Where the plot goes. Default: reports/lr-find-VARIANT.png.")] = None,
    debug: Debug = False,
    *,
    data: DataFlags,
) -> None:
    """Run fastai's learning rate finder: the suggestion (valley) and the plot of loss over learning rate."""
    from bench.tools.lr_find import find_learning_rate
    from bench.variants.plugins import load_parts
    from bench.variants.variant import VARIANTS
    from cfce.engines.devices import check_device
    from cfce.options import TrainingOptions
    from cfce.splits import split_ratings

    load_parts(tuple(plugin or ()))
    chosen = VARIANTS[variant]
    options = TrainingOptions(batch_size=batch_size, n_factors=factors)
    check_device(device)
    ratings = data.load(to_stderr)
    path = out or Path("reports") / f"lr-find-{chosen.name}.png"
    valley = find_learning_rate(chosen, split_ratings(ratings, protocol, seed), options, seed, device, path)
    typer.echo(f"{chosen.name}: the suggested learning rate (valley) is {valley:.3g}; plot: {path}")
