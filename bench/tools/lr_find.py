"""fastai's learning rate finder for a variant, with its plot."""

import errno
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.variants.variant import VARIANTS, Variant
from cfce.datasets.stored import open_ratings
from cfce.errors import FailedError, UserError
from cfce.estimators import Network, Task
from cfce.files import check_writable, write_whole
from cfce.options import TrainingOptions
from cfce.splits import Fold, split_ratings


def network_of(variant: Variant) -> Network:
    """The network that a variant trains; ``UserError`` for one without a learning rate, such as a baseline."""
    if not isinstance(variant.estimator, Network):
        raise UserError(
            f"'{variant.name}' is no network that is trained here, so it has no rate to sweep; choose one that is, such as ce"
        )
    return variant.estimator


def probe(path: Path) -> None:
    """Raise ``UserError`` where a plot cannot be written to a path."""
    try:
        check_writable(path.parent)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
    except OSError as error:
        raise UserError(f"the plot cannot be written to '{path}' ({error.strerror}); pass another --out") from error


def suggest(
    ratings: Path, name: str, protocol: str, options: TrainingOptions, seed: int, device: str, path: Path
) -> Iterator[float]:
    """``find_learning_rate`` for a variant by name and ratings in a folder, as a child gives it."""
    yield find_learning_rate(VARIANTS[name], split_ratings(open_ratings(ratings), protocol, seed), options, seed, device, path)


def find_learning_rate(variant: Variant, fold: Fold, options: TrainingOptions, seed: int, device: str, path: Path) -> float:
    """The valley that fastai suggests; its plot, loss over learning rate, goes to ``path`` as PNG.

    Raises ``UserError`` for a baseline, which has no learning rate, and for a path that cannot be written, and
    ``FailedError`` where no loss is finite.
    """
    network = network_of(variant)
    probe(path)
    from matplotlib.figure import Figure

    from cfce.engines.fastai_engine import find_learning_rate as find

    found = find(replace(network, training=options).on(Task(fold, seed=seed, order=seed, device=device)))
    if not np.isfinite(found.losses).any():
        raise FailedError(f"the loss of '{variant.name}' is not finite at any rate; mend its scorer or objective")
    if not np.isfinite(found.valley):
        raise FailedError(
            f"the loss of '{variant.name}' exploded after {len(found.losses)} steps, at the rate {found.rates[-1]:.1e}, too "
            "early for a valley to be seen; mend its scorer or objective"
        )
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot(found.rates, found.losses, color="#0072B2")
    axes.axvline(found.valley, color="#D55E00", linestyle="--", label=f"valley {found.valley:.3g}")
    axes.set(
        xscale="log",
        xlabel="learning rate",
        ylabel=f"loss ({network.objective.name})",
        title=f"{variant.name}: learning rate finder",
    )
    lowest, first = np.nanmin(found.losses), found.losses[0]
    if first > lowest:  # the explosion at the end would flatten the rest
        axes.set_ylim(lowest - 0.2 * (first - lowest), first + 2 * (first - lowest))
    axes.legend()
    plot = io.BytesIO()
    figure.savefig(plot, dpi=120, format="png")
    write_whole(path, plot.getvalue())
    return found.valley
