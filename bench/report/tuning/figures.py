"""Figures of a tuning: the best score to expect of a budget, every setting by each option, settings as lines across them."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.report.beyond import ARROWS, held
from bench.report.figures import GOLDEN, blank, slant
from bench.report.short_names import short_names
from bench.report.style import COLOURS, look
from bench.tuning.expected_best import Curve
from bench.tuning.history import History
from cfce.metrics import METRICS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 8.0
COLUMNS = 4
BLUE, ORANGE = COLOURS[:2]
JITTER = 0.3
"""How far the settings of a category are spread, of the room between two categories."""
LETTERS_ALONG = 76
"""Letters of categories that stand side by side along the whole width of a figure; more are slanted."""


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
    low, high, cut = _ends_of_losses(curves)
    margin = 0.08 * (high - low)
    if margin:
        panels[0].set_ylim(*sorted((sign * (low - margin), sign * (high + margin))))
    if cut:
        panels[0].set_xlabel("settings (some lines begin beyond the axis)")
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


def _ends_of_losses(curves: Sequence[Curve]) -> tuple[float, float, bool]:
    """The least and greatest loss of an axis of curves, and whether it leaves some beginnings out.

    It holds what one setting gives of every curve, unless that more than doubles what two settings and more span.
    """
    low = min(float(curve.mean.min()) for curve in curves)
    later = max(float(curve.mean[min(1, len(curve.mean) - 1)]) for curve in curves)
    first = max(float(curve.mean[0]) for curve in curves)
    cut = first - low > 2 * (later - low) > 0
    return low, later if cut else first, cut


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
    """A panel an option: the score of every setting by its value; pruned ones are hollow, the chosen one is a star.

    A setting so bad that it would squeeze the others together is an arrow at the edge.
    """
    metric = METRICS[history.terms.metric]
    names = list(history.space.ordered)
    rows, columns = _grid(len(names))
    figure = blank()(figsize=(WIDTH, 0.4 + 1.9 * rows), layout="constrained")
    panels: list[Axes] = list(figure.subplots(rows, columns, squeeze=False).ravel())
    scores = history.scores()
    ends = _ends_of_scores(scores, metric.higher_is_better)
    places, sides = held(scores, *ends)
    for number, (panel, name) in enumerate(zip(panels, names, strict=False)):
        at, ticks = _places(history, name)
        known = np.isfinite(places) & np.isfinite(at)
        for state, face in (("pruned", "none"), ("complete", BLUE)):
            of_state = known & np.array([one.state == state for one in history.tried])
            for side in (0, 1, -1):
                drawn = of_state & (sides == side)
                panel.scatter(
                    at[drawn],
                    places[drawn],
                    s=16 if side == 0 else 26,
                    marker=ARROWS.get(side, "o"),
                    facecolors=face,
                    edgecolors=BLUE,
                    linewidths=0.8,
                    zorder=3,
                )
        if history.chosen is not None and known[history.chosen.number]:
            n = history.chosen.number
            panel.scatter(at[n], places[n], s=90, marker="*", color=ORANGE, zorder=5)
        panel.set_title(name.replace("_", " "), fontsize=10)
        _axis(panel, history, name, ticks, columns)
        if number % columns == 0:
            panel.set_ylabel(metric.label)
        panel.grid(axis="y", color="0.9")
        if ends[0] < ends[1]:
            panel.set_ylim(*ends)
    for panel in panels[len(names) :]:
        panel.remove()
    n_beyond = int((sides != 0).sum())
    told = f"; arrow: {n_beyond} beyond the axis" if n_beyond else ""
    figure.suptitle(f"{history.variant}: {metric.label} on valid by option{told}", fontsize=11)
    return figure


def _grid(n: int) -> tuple[int, int]:
    """Rows and columns of so many panels: no more columns than ``COLUMNS``, and no more empty places than need be.

    >>> _grid(3), _grid(6), _grid(7)
    ((1, 3), (2, 3), (2, 4))
    """
    rows = math.ceil(n / COLUMNS)
    return rows, math.ceil(n / rows)


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
            colour, width, alpha = (ORANGE, 2.2, 1.0) if chosen else (BLUE, 1.0, 0.8) if best else ("0.6", 0.6, 0.5)
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
    jitter = JITTER * (np.arange(len(values)) * GOLDEN % 1 - 0.5)
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


def _axis(panel: "Axes", history: History, name: str, names: list[str], columns: int) -> None:
    if names:
        panel.set_xticks(range(len(names)), list(short_names(names, 24).values()), fontsize=8.5)
        panel.set_xlim(-0.5, len(names) - 0.5)
        if _slanted(names, columns):
            slant(panel, 30)
        for between in range(1, len(names)):
            panel.axvline(between - 0.5, color="0.85", lw=0.8, zorder=0)
        return
    ranges = history.space.ranges[name]
    if all(one.log for one in ranges):
        panel.set_xscale("log")
    low, high = min(one.low for one in ranges), max(one.high for one in ranges)
    middle = math.sqrt(low * high) if all(one.log for one in ranges) else (low + high) / 2
    panel.set_xticks([low, middle, high], [f"{low:g}", _plain(middle), f"{high:g}"])
    panel.minorticks_off()


def _ends_of_scores(scores: "np.ndarray[Any, np.dtype[np.float64]]", higher: bool) -> tuple[float, float]:
    """The ends of an axis that shows the better three quarters: a few bad settings squeeze all others together.

    Without bounds where the scores have no spread.

    >>> _ends_of_scores(np.array([1.0, 1.1, 1.2, 1.3, 9.0]), higher=False)
    (0.964, 1.48)
    """
    finite = scores[np.isfinite(scores)]
    if len(finite) < 2:
        return -math.inf, math.inf
    best, far = (finite.max(), np.quantile(finite, 0.25)) if higher else (finite.min(), np.quantile(finite, 0.75))
    room = float(far - best)
    if not room:
        return -math.inf, math.inf
    low, high = sorted((float(best) - 0.12 * room, float(far) + 0.6 * room))
    return low, high


def _slanted(names: Sequence[str], columns: int) -> bool:
    """Whether the names of categories need more room than one of so many panels has; each has as much as the longest.

    >>> _slanted(("permutation", "bootstrap"), 3), _slanted(("permutation", "bootstrap"), 4)
    (False, True)
    """
    return len(names) * max(map(len, names)) > LETTERS_ALONG / columns


def _plain(value: float) -> str:
    """A number of two digits, or whole from ten on.

    >>> _plain(128.3), _plain(0.0141)
    ('128', '0.014')
    """
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"
