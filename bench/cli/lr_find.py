"""``bench lr-find``: the learning rate that fastai suggests for a variant."""

from pathlib import Path
from typing import Annotated

import typer

from bench.cli.options import Data, Dataset, Debug, ItemKey, Plugin, Scale, check_item_key, rating_scale

EXAMPLES = """Run fastai's learning rate finder: the suggestion (valley) and the plot of loss over learning rate.

\b
Examples:
  bench lr-find ce
  bench lr-find regression --out lr.png
  bench lr-find mine --plugin my_variant.py --dataset synthetic-100000
"""


def lr_find(
    variant: Annotated[str, typer.Argument(help="A variant by name, see 'bench list'.")],
    dataset: Dataset = None,
    data: Data = None,
    protocol: Annotated[str, typer.Option(help="How the ratings are split, see 'bench list'.")] = "random-80-20",
    seed: Annotated[int, typer.Option(help="Split, initial weights and order come from it.")] = 0,
    batch_size: Annotated[int, typer.Option(help="Ratings a step.")] = 64,
    factors: Annotated[int, typer.Option(help="Latent factors of a user or an item.")] = 50,
    scale: Scale = None,
    item_key: ItemKey = "title",
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    plugin: Plugin = None,
    out: Annotated[Path | None, typer.Option(help="Where the plot goes. Default: reports/lr-find-VARIANT.png.")] = None,
    debug: Debug = False,
) -> None:
    """Run fastai's learning rate finder: the suggestion (valley) and the plot of loss over learning rate."""
    from bench.lr_find import find_learning_rate
    from bench.plugins import load_parts
    from bench.slicing import load_ratings
    from bench.variant import VARIANTS
    from cfce.errors import UserError
    from cfce.options import TrainingOptions
    from cfce.splits import split_ratings
    from cfce.training import available_devices

    load_parts(tuple(plugin or ()))
    chosen = VARIANTS[variant]
    check_item_key(item_key)
    options = TrainingOptions(batch_size=batch_size, n_factors=factors)
    if device not in available_devices():
        raise UserError(f"device '{device}' came; this machine has {', '.join(available_devices())}")

    def say(line: str) -> None:
        typer.echo(line, err=True)

    ratings = load_ratings(dataset or "ml-100k", item_key=item_key, path=data, say=say, scale=rating_scale(scale, data))
    path = out or Path("reports") / f"lr-find-{chosen.name}.png"
    valley = find_learning_rate(chosen, split_ratings(ratings, protocol, seed), options, seed, device, path)
    typer.echo(f"{chosen.name}: the suggested learning rate (valley) is {valley:.3g}; plot: {path}")
