"""fastai's learning rate finder for a variant, with its plot."""

from dataclasses import replace
from pathlib import Path

from bench.variants.variant import Variant
from cfce.errors import UserError
from cfce.estimators import Network, Task
from cfce.options import TrainingOptions
from cfce.splits import Fold


def find_learning_rate(variant: Variant, fold: Fold, options: TrainingOptions, seed: int, device: str, path: Path) -> float:
    """The valley that fastai suggests; its plot, loss over learning rate, goes to ``path`` as PNG.

    Raises ``UserError`` for a baseline, which has no learning rate, and for a path that cannot be written.
    """
    network = variant.estimator
    if not isinstance(network, Network):
        raise UserError(f"'{variant.name}' is no network: it is fitted and has no learning rate; choose a trained variant")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        raise UserError(f"the plot cannot be written to '{path}' ({error.strerror}); pass another --out") from error
    from matplotlib.figure import Figure

    from cfce.engines.fastai_engine import find_learning_rate as find

    found = find(replace(network, training=options).on(Task(fold, seed=seed, order=seed, device=device)))
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
    lowest, first = found.losses.min(), found.losses[0]
    if first > lowest:  # the explosion at the end would flatten the rest
        axes.set_ylim(lowest - 0.2 * (first - lowest), first + 2 * (first - lowest))
    axes.legend()
    figure.savefig(path, dpi=120, format="png")
    return found.valley
