"""``bench lr-find``: the learning rate that fastai suggests for a variant."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from bench.cli.data_flags import DataFlags, with_data_flags
from bench.cli.options import Debug, Plugin
from bench.cli.terminal import show, tell
from bench.cli.training import TrialTimeout, check_timeout
from cfce.errors import FailedError, UserError

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
    trial_timeout: TrialTimeout = 3600.0,
    plugin: Plugin = None,
    out: Annotated[Path | None, typer.Option(help="Where the plot goes. Default: reports/lr-find-VARIANT.png.")] = None,
    debug: Debug = False,
    *,
    data: DataFlags,
) -> None:
    """Run fastai's learning rate finder: the suggestion (valley) and the plot of loss over learning rate."""
    from bench.harness.child import Child, ChildFailed
    from bench.tools.lr_find import network_of, probe, suggest
    from bench.variants.plugins import load_parts
    from bench.variants.variant import trained_variant
    from cfce.datasets.stored import save_ratings
    from cfce.engines.devices import check_device
    from cfce.options import TrainingOptions
    from cfce.splits import split_ratings

    plugins = tuple(path.resolve() for path in plugin or ())
    load_parts(plugins)
    network_of(trained_variant(variant))
    options = TrainingOptions(batch_size=batch_size, n_factors=factors)
    check_device(device)
    check_timeout(trial_timeout)
    if seed < 0:
        raise UserError(f"--seed {seed} came; it is a whole number, 0 or above")
    path = out or Path("reports") / f"lr-find-{variant}.png"
    probe(path)  # before the search, not after
    ratings = data.load(tell)
    split_ratings(ratings, protocol, seed)  # or it raises
    with TemporaryDirectory(prefix="cfce-") as folder:
        save_ratings(ratings, Path(folder) / "ratings")
        asked = (Path(folder) / "ratings", variant, protocol, options, seed, device, path.resolve())
        try:
            with Child(suggest, asked, partial(load_parts, plugins), ("cfce.engines.fastai_engine",)) as child:
                (valley,) = child.results(trial_timeout)
        except ChildFailed as error:
            raise FailedError(f"no learning rate was found for '{variant}': {error}") from error
    show(f"{variant}: the suggested learning rate (valley) is {valley:.3g}; plot: {path}")
