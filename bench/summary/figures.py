"""Figures of a summary: the critical-difference diagram, and each pair's differences by dataset over their mean."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bench.report.style import look
from bench.statistics.across import LEAST_DATASETS, RandomEffects, critical_difference
from bench.summary.reading import Result
from cfce.metrics import Metric

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_PAIRS = 12


def rank_figure(names: Sequence[str], ranks: NDArray[np.float64], n: int) -> "Figure":
    """Mean ranks on a line, the best at the left; from six datasets on, bars join what the critical difference does not part."""
    from matplotlib.figure import Figure

    k = len(names)
    order = np.argsort(ranks, kind="stable")
    cd = critical_difference(k, n) if n >= LEAST_DATASETS else None
    groups = [] if cd is None else _groups(ranks[order], cd)
    figure = Figure(figsize=(8.0, 1.3 + 0.26 * (k + 1) // 2 * 1.4 + 0.14 * len(groups)), layout="constrained")
    panel = figure.subplots()
    beside = 0.4 * (k - 1) + 0.3  # room for names, in ranks
    panel.set_xlim(1 - beside, k + beside)
    panel.spines["top"].set_bounds(1, k)
    half = (k + 1) // 2
    depth = half + 0.6 * len(groups) + 1
    panel.set_ylim(-depth, 1.4 if cd is not None else 0.4)
    panel.spines[["left", "right", "bottom"]].set_visible(False)
    panel.xaxis.tick_top()
    panel.xaxis.set_label_position("top")
    panel.set_xticks(range(1, k + 1))
    panel.set_yticks([])
    panel.set_xlabel(f"mean rank over {n} datasets (1 is best)")
    for at, which in enumerate(order):
        left = at < half
        y = -(at + 1 if left else k - at) - 0.6 * len(groups)
        end = 0.9 if left else k + 0.1
        panel.plot([ranks[which], ranks[which], end], [0.4, y, y], color=look(0).colour, lw=1.1, clip_on=False)
        text = f"{names[which]} ({ranks[which]:.2f})"
        panel.text(end - 0.03 if left else end + 0.03, y, text, ha="right" if left else "left", va="center", fontsize=9)
    for row, (low, high) in enumerate(groups):
        panel.plot([low - 0.04, high + 0.04], [-0.5 * (row + 1)] * 2, color="0.15", lw=3.5, solid_capstyle="butt")
    if cd is not None:
        panel.plot([1, 1 + cd], [1.0, 1.0], color="0.3", lw=2, marker="|")
        panel.text(1 + cd / 2, 1.05, f"critical difference {cd:.2f}", ha="center", va="bottom", fontsize=8.5)
    return figure


def _groups(ranks: NDArray[np.float64], cd: float) -> list[tuple[float, float]]:
    """The longest runs of sorted ranks whose ends differ by less than ``cd``.

    >>> _groups(np.array([1.0, 1.5, 3.0]), 1.0)
    [(1.0, 1.5)]
    """
    found: list[tuple[float, float]] = []
    for start in range(len(ranks)):
        end = int(np.flatnonzero(ranks - ranks[start] < cd).max())
        if end > start and not (found and ranks[end] <= found[-1][1]):
            found.append((float(ranks[start]), float(ranks[end])))
    return found


def forest(results: Sequence[Result], effects: Mapping[tuple[str, str], RandomEffects], metric: Metric) -> "Figure":
    """A panel a pair: each dataset's difference with its interval, and the random-effects mean as a diamond below.

    Pairs with a baseline come last, and beyond the twelfth none is drawn.
    """
    from matplotlib.figure import Figure

    of_baselines = {name for name, one in results[0].study.settings["variants"].items() if one["family"] == "baseline"}
    shown = sorted(effects.items(), key=lambda one: not of_baselines.isdisjoint(one[0]))[:MOST_PAIRS]
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
    figure = Figure(figsize=(8.0, rows * (0.8 + 0.24 * (len(results) + 1))), layout="constrained")
    panels = list(figure.subplots(rows, columns, squeeze=False, sharey=True).ravel())
    for panel, ((a, b), effect) in zip(panels, shown, strict=False):
        for row, one in enumerate(results):
            found = one.compared.get((a, b))
            if found is not None:
                panel.errorbar(
                    found.difference, -row, xerr=1.96 * found.error, fmt="o", color=look(0).colour, ms=4, capsize=2, lw=1.2
                )
        at = -len(results)
        panel.plot([effect.low, effect.high], [at, at], color=look(1).colour, lw=1.6)
        panel.plot(effect.mean, at, marker="D", color=look(1).colour, ms=6)
        panel.axvline(0, color="0.5", lw=1)
        panel.set_yticks([-row for row in range(len(results) + 1)], [*(one.name for one in results), "mean"])
        panel.set_title(f"{a}\nminus {b}", fontsize=9)
        panel.tick_params(axis="x", labelsize=8)
        panel.locator_params(axis="x", nbins=4)
        panel.grid(axis="x", color="0.9")
    for panel in panels[len(shown) :]:
        panel.remove()
    better = "above" if metric.higher_is_better else "below"
    figure.suptitle(f"Difference in {metric.label}: {better} 0 the first is better", fontsize=10.5)
    return figure
