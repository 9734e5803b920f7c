"""Figures of a tuning: the best score to expect of a budget, every setting by each option, settings as lines across them."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.report.figures import blank
from bench.report.style import look
from bench.tuning.expected_best import Curve
from bench.tuning.history import History
from cfce.metrics import METRICS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 8.0
COLUMNS = 4


def budget_figure(histories: Sequence[History], curves: Sequence[Curve]) -> "Figure":
    """Two panels: the expected best score by settings, and by seconds of training; bands are 95 % intervals."""
    metric = METRICS[histories[0].terms.metric]
    sign = -metric.gain(1.0)
    rows = math.ceil(len(histories) / 3)
    figure = blank()(figsize=(WIDTH, 3.6 + 0.2 * rows), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    few = len(histories) <= 4
    for number, (history, curve) in enumerate(zip(histories, curves, strict=True)):
        style = look(number)
        n = np.arange(1, len(curve.mean) + 1)
        each = history.seconds / len(history.tried)
        for panel, x in zip(panels, (n, n * each), strict=True):
            line: dict[str, Any] = {"color": style.colour, "linestyle": style.line, "lw": 1.6}
            panel.plot(x, sign * curve.mean, label=history.variant, **line)
            if few:
                panel.fill_between(x, sign * curve.low, sign * curve.high, color=style.colour, alpha=0.15, linewidth=0)
    better = "higher" if metric.higher_is_better else "lower"
    panels[0].set(xlabel="settings", ylabel=f"{metric.label} on valid", title=f"expected best {metric.label}: {better} is better")
    panels[1].set(xlabel="seconds of training", title="the same by seconds")
    low = min(float(curve.mean.min()) for curve in curves)
    high = max(float(curve.mean[min(1, len(curve.mean) - 1)]) for curve in curves)
    ends = sorted((sign * (low - 0.08 * (high - low)), sign * (high + 0.08 * (high - low))))
    if ends[0] < ends[1]:
        panels[0].set_ylim(*ends)
    for panel in panels:
        panel.set_xscale("log")
        low, high = panel.get_xlim()
        panel.set_xticks(_round_numbers(low, high))
        panel.xaxis.set_major_formatter("{x:g}")
        panel.minorticks_off()
        panel.grid(color="0.9")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False, handlelength=3.5)
    return figure


def _round_numbers(low: float, high: float) -> list[float]:
    """Of 1, 2, 5 and 10 in every decade those between two ends; only powers of 10 where there are more than eight.

    >>> _round_numbers(0.9, 70), _round_numbers(0.03, 0.3)
    ([1.0, 2.0, 5.0, 10.0, 20.0, 50.0], [0.05, 0.1, 0.2])
    """
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [float(f"{digit}e{decade}") for decade in decades for digit in (1, 2, 5)]
    inside = [one for one in found if low <= one <= high]
    return inside if len(inside) <= 8 else [one for one in inside if math.log10(one) % 1 == 0]


def slices(history: History) -> "Figure":
    """A panel an option: the score of every setting by its value; pruned ones are hollow, the chosen one is a star."""
    metric = METRICS[history.terms.metric]
    names = list(history.space.ordered)
    columns = min(COLUMNS, len(names))
    rows = math.ceil(len(names) / columns)
    figure = blank()(figsize=(WIDTH, 0.4 + 1.9 * rows), layout="constrained")
    panels: list[Axes] = list(figure.subplots(rows, columns, squeeze=False).ravel())
    scores = history.scores()
    for number, (panel, name) in enumerate(zip(panels, names, strict=False)):
        at, ticks = _places(history, name)
        for state, face in (("pruned", "none"), ("complete", "#0072B2")):
            rows_of = np.array([one.state == state for one in history.tried]) & np.isfinite(scores) & np.isfinite(at)
            panel.scatter(at[rows_of], scores[rows_of], s=16, facecolors=face, edgecolors="#0072B2", linewidths=0.8)
        if history.chosen is not None and np.isfinite(at[history.chosen.number]):
            n = history.chosen.number
            panel.scatter(at[n], scores[n], s=90, marker="*", color="#D55E00", zorder=5)
        panel.set_title(name.replace("_", " "), fontsize=10)
        _axis(panel, history, name, ticks)
        if number % columns == 0:
            panel.set_ylabel(metric.label)
        panel.grid(axis="y", color="0.9")
        _focus(panel, scores, metric.higher_is_better)
    for panel in panels[len(names) :]:
        panel.remove()
    figure.suptitle(f"{history.variant}: {metric.label} on valid by option", fontsize=11)
    return figure


def parallel(histories: Sequence[History]) -> "Figure":
    """A panel a variant: each setting a line across the options and its score; the best quarter dark, the chosen one orange."""
    figure = blank()(figsize=(WIDTH, 0.3 + 2.2 * len(histories)), layout="constrained")
    panels: list[Axes] = list(figure.subplots(len(histories), 1, squeeze=False).ravel())
    for panel, history in zip(panels, histories, strict=True):
        names = list(history.space.ordered)
        scores = history.scores()
        losses = np.array([history.terms.loss(one) for one in scores])
        heights = np.column_stack([*(_shares(history, name) for name in names), _ranks(losses)])
        quarter = np.nanquantile(losses, 0.25) if np.isfinite(losses).any() else math.nan
        for number in np.argsort(-np.nan_to_num(losses, nan=np.inf), kind="stable"):
            best = losses[number] <= quarter
            chosen = history.chosen is not None and number == history.chosen.number
            colour, width, alpha = ("#D55E00", 2.2, 1.0) if chosen else ("#0072B2", 1.0, 0.8) if best else ("0.6", 0.6, 0.5)
            panel.plot(range(len(names) + 1), heights[number], color=colour, lw=width, alpha=alpha, zorder=3 if chosen else 2)
        for at, name in enumerate(names):
            panel.axvline(at, color="0.4", lw=0.6)
            low, high = _ends(history, name)
            panel.text(at, -0.03, low, ha="center", va="top", fontsize=8)
            panel.text(at, 1.03, high, ha="center", va="bottom", fontsize=8)
        panel.axvline(len(names), color="0.4", lw=0.6)
        panel.text(len(names), 1.03, "best", ha="center", va="bottom", fontsize=8)
        panel.set_xticks(range(len(names) + 1), [*(name.replace("_", "\n") for name in names), "score\n(rank)"], fontsize=8.5)
        panel.tick_params(axis="x", length=0, pad=12)
        panel.set_yticks([])
        panel.set_ylim(-0.02, 1.02)
        panel.set_title(history.variant, pad=16)
        for side in panel.spines.values():
            side.set_visible(False)
    return figure


def _ranks(losses: "np.ndarray[Any, np.dtype[np.float64]]") -> "np.ndarray[Any, np.dtype[np.float64]]":
    """1 for the least loss, 0 for the greatest; NaN stays."""
    from scipy.stats import rankdata

    ranks = rankdata(np.nan_to_num(losses, nan=np.inf), method="ordinal").astype(float)
    return np.where(np.isfinite(losses), 1 - (ranks - 1) / max(1, len(losses) - 1), np.nan)


def _places(history: History, name: str) -> "tuple[np.ndarray[Any, np.dtype[np.float64]], list[str]]":
    """Where each setting lies on an option's axis, and the labels of categories; NaN where it is not searched."""
    ranges = history.space.ranges[name]
    inside = [history.space.range_of(name, one.options) is not None for one in history.tried]
    values = [one.options[name] for one in history.tried]
    if not ranges[0].choices:
        return np.where(inside, np.array(values, dtype=float), np.nan), []
    names = [str(one) for one in ranges[0].choices]
    jitter = np.arange(len(values)) * 0.618 % 1 * 0.5 - 0.25
    at = np.array([names.index(str(one)) if str(one) in names else math.nan for one in values], dtype=float)
    return np.where(inside, at + jitter, np.nan), names


def _shares(history: History, name: str) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Where each setting lies between the ends of an option's range, 0 to 1."""
    at, names = _places(history, name)
    if names:
        return (at + 0.5) / len(names)
    first = history.space.ranges[name]
    low, high = min(one.low for one in first), max(one.high for one in first)
    if all(one.log for one in first):
        return np.asarray(np.log(at / low) / math.log(high / low))
    return np.asarray((at - low) / (high - low))


def _ends(history: History, name: str) -> tuple[str, str]:
    ranges = history.space.ranges[name]
    if ranges[0].choices:
        return str(ranges[0].choices[0]), str(ranges[0].choices[-1])
    return f"{min(one.low for one in ranges):g}", f"{max(one.high for one in ranges):g}"


def _axis(panel: "Axes", history: History, name: str, names: list[str]) -> None:
    if names:
        panel.set_xticks(range(len(names)), [one if len(one) <= 10 else f"{one[:9]}…" for one in names], fontsize=8.5)
        panel.set_xlim(-0.6, len(names) - 0.4)
        return
    ranges = history.space.ranges[name]
    if all(one.log for one in ranges):
        panel.set_xscale("log")
    low, high = min(one.low for one in ranges), max(one.high for one in ranges)
    middle = math.sqrt(low * high) if all(one.log for one in ranges) else (low + high) / 2
    panel.set_xticks([low, middle, high], [f"{low:g}", _plain(middle), f"{high:g}"])
    panel.minorticks_off()


def _focus(panel: "Axes", scores: "np.ndarray[Any, np.dtype[np.float64]]", higher: bool) -> None:
    """Show the better three quarters: a few bad settings squeeze all others together."""
    finite = scores[np.isfinite(scores)]
    if len(finite) < 2:
        return
    best, far = (finite.max(), np.quantile(finite, 0.25)) if higher else (finite.min(), np.quantile(finite, 0.75))
    room = abs(far - best)
    if room:
        ends = sorted((best - math.copysign(0.12, far - best) * room, far + math.copysign(0.6, far - best) * room))
        panel.set_ylim(*ends)


def _plain(value: float) -> str:
    """A number of two digits, or whole from ten on.

    >>> _plain(128.3), _plain(0.0141)
    ('128', '0.014')
    """
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"
