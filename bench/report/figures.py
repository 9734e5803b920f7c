"""Figure files: each a function from chart data to one matplotlib figure, and ``write_figures`` that saves them.

Widths are 8 inches, so at 800 pixels a point of text is 1.4 pixels: no text is smaller than 8 points.
"""

import io
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.report import cells, rate_axis
from bench.report.chart_data import RATE_METRICS, ChartData, Confusion
from bench.report.content import Image
from bench.report.escape import slug
from bench.report.fonts import families, missing_letters_said_once
from bench.report.guard import Guard
from bench.report.levels import MOST, shown_on_axis
from bench.report.numbers import at_rate
from bench.report.short_names import short_names
from bench.report.style import look, looks
from cfce.files import write_whole
from cfce.metrics import METRICS

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 8.0
DPI = 130
LEGEND_COLUMNS = 3
LEGEND_LETTERS = 33
"""Letters of an entry of which three stand side by side; of longer ones two do."""
LETTERS_ALONG = 40
"""Letters of the ratings below a heatmap that stand side by side; more are slanted."""
SIDE_BY_SIDE = 4
"""Learning rates whose labels fit below a panel; more are slanted."""
SLANTED = 8
"""Those whose labels fit when slanted; more are upright."""
UPRIGHT = 14
"""Those whose labels fit when upright; of more, every n-th is named."""
HEAD = 50
"""Letters of a configuration in the title of a figure."""
TITLE = 28
"""Letters of a title above one of three panels; a longer one has two lines."""
MOST_EPOCHS = 8
"""Epochs that are named below a panel; of more, every n-th."""
MANY = 12
"""Trials of a configuration at a learning rate beyond which their marks are set a little aside from each other."""
GOLDEN = 0.618
"""Of a unit: steps of it, modulo 1, are spread evenly however many there are."""
TEXT: dict[Any, Any] = {
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "legend.fontsize": 9,
    "text.parse_math": False,
    "axes.titlelocation": "left",
}


def write_figures(folder: Path, charts: ChartData, within: str = "", guard: Guard | None = None) -> dict[str, list[Image]]:
    """Write every figure into ``folder`` and take away those of an earlier report; the images by section.

    ``within`` is the path of the folder below ``figures``; ``guard`` keeps which could not be drawn.
    """
    saver = FigureSaver(folder, within, guard or Guard())
    images: dict[str, list[Image]] = {}
    for section, name, alt, draw in _figures(charts):
        images.setdefault(section, []).extend(saver.save(name, alt, draw))
    for old in folder.glob("*.png"):
        if old.name not in {Path(image.file).name for found in images.values() for image in found}:
            old.unlink()
    return {section: found for section, found in images.items() if found}


class FigureSaver:
    """Draws figures and writes them into a folder, each under a name that is free; one that cannot be drawn is a problem."""

    def __init__(self, folder: Path, within: str, guard: Guard) -> None:
        self._folder, self._within, self._guard = folder, within, guard
        self._taken: set[str] = set()

    def save(self, name: str, alt: str, draw: "Callable[[], Figure]", colours: int | None = None) -> list[Image]:
        """The image of the figure that ``draw`` makes; none where it cannot be drawn.

        With so many ``colours``, as of a figure of lines alone, its file takes a third.
        """
        import matplotlib as mpl

        file = f"{slug(name, self._taken)}.png"
        with mpl.rc_context({**TEXT, "font.family": families()}), missing_letters_said_once():
            drawn = self._guard.attempt(f"the figure {file}", partial(_save, self._folder / file, draw, colours), b"")
        return [Image(f"{self._within}/{file}" if self._within else file, alt, drawn)] if drawn else []


def _save(path: Path, draw: "Callable[[], Figure]", colours: int | None) -> bytes:
    content = png(draw())
    if colours is not None:
        content = _of_few_colours(content, colours)
    write_whole(path, content)
    return content


def png(figure: "Figure") -> bytes:
    """A figure as a PNG file."""
    buffer = io.BytesIO()
    options: dict[str, Any] = {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 4}}
    figure.savefig(buffer, format="png", dpi=DPI, facecolor="white", **options)
    return buffer.getvalue()


def _of_few_colours(content: bytes, colours: int) -> bytes:
    import PIL.Image

    buffer = io.BytesIO()
    with PIL.Image.open(io.BytesIO(content)) as image:
        image.convert("RGB").quantize(colours, dither=PIL.Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


@cache
def blank() -> "type[Figure]":
    """The class of our figures: one that a notebook shows whether or not pyplot was imported."""
    from matplotlib.figure import Figure

    class ShownFigure(Figure):
        """A figure that is its own picture in a notebook."""

        def _repr_png_(self) -> bytes:
            return png(self)

    return ShownFigure


def _figures(charts: ChartData) -> Iterator[tuple[str, str, str, "Callable[[], Figure]"]]:
    if charts.dots:
        yield (
            "learning-rates",
            "learning-rates",
            "Scores by learning rate: a mark for every trial, a line for the mean",
            partial(rates, charts),
        )
    short = short_names((one.configuration for one in charts.confusions), HEAD)
    for one in charts.confusions:
        if one.chosen:
            alt = f"Confusion of {one.configuration}{at_rate(one.learning_rate)}: counts and row percentages"
            draw = partial(confusion, one, charts.labels, short[one.configuration])
            yield "confusion", f"confusion-{one.configuration}", alt, draw
    if charts.reliabilities:
        yield "calibration", "reliability", "Observed share of events by predicted probability", partial(reliability, charts)
    if charts.curves:
        yield "learning-curves", "learning-curves", "Train and valid loss by epoch", partial(learning_curves, charts)


def slant(panel: "Axes", degrees: float) -> None:
    """Turn the labels below a panel, so that each ends at its tick."""
    panel.tick_params("x", rotation=degrees)
    for label in panel.get_xticklabels():
        label.set(ha="right", rotation_mode="anchor")


def rates(charts: ChartData) -> "Figure":
    """A panel a score: every trial as a mark at its learning rate, a line through the means; level lines have no rate."""
    found = looks(charts)
    configurations = list(dict.fromkeys(dot.configuration for dot in charts.dots))
    steps = sorted({dot.learning_rate for dot in charts.dots})
    turned = 0 if len(steps) <= SIDE_BY_SIDE else 45 if len(steps) <= SLANTED else 90
    said = short_names([*configurations, *charts.without_rate])
    said |= {configuration: f"{said[configuration]} (no rate)" for configuration in charts.without_rate}
    below = {0: 0.0, 45: 0.4, 90: 0.45}[turned]
    figure, panels = panels_of(3.4, 1, len(RATE_METRICS), legend=len(said), across=across(said.values()), top=0.5, below=below)
    beside = rate_axis.shifts((dot.configuration, dot.learning_rate) for dot in charts.dots)
    every = -(-len(steps) // UPRIGHT)
    for panel, name in zip(panels, RATE_METRICS, strict=True):
        for configuration in configurations:
            of_configuration = [dot for dot in charts.dots if dot.configuration == configuration]
            shift, slot = np.array([beside[configuration, dot.learning_rate] for dot in of_configuration]).T
            x = np.array([steps.index(dot.learning_rate) for dot in of_configuration]) + shift
            y = np.array([dot.scores[name] for dot in of_configuration])
            style = found[configuration]
            many = len(of_configuration) / len({dot.learning_rate for dot in of_configuration}) > MANY
            aside = slot * 0.7 * (np.arange(len(x)) * GOLDEN % 1 - 0.5) if many else 0.0  # so that marks do not hide others
            size, alpha = (9, 0.6) if many else (18, 0.75)
            panel.scatter(x + aside, y, s=size, marker=style.mark, color=style.colour, alpha=alpha, linewidths=0, zorder=3)
            at = np.unique(x)
            means = [np.nanmean(y[x == one]) if np.isfinite(y[x == one]).any() else math.nan for one in at]
            panel.plot(at, means, color=style.colour, linestyle=style.line, lw=1.6, zorder=4)
            kind: dict[str, Any] = {"color": style.colour, "linestyle": style.line, "marker": style.mark, "ms": 5, "lw": 1.6}
            panel.plot([], [], label=said[configuration], **kind)
        for configuration, values in charts.without_rate.items():
            if math.isfinite(values[name]):
                panel.axhline(
                    values[name],
                    color=found[configuration].colour,
                    lw=1.2,
                    linestyle=found[configuration].line,
                    label=said[configuration],
                )
        better = "higher" if METRICS[name].higher_is_better else "lower"
        panel.set_title(f"{METRICS[name].label}\n{better} is better")
        ticks = rate_axis.labels(steps)[::every]
        panel.set_xticks(range(0, len(steps), every), ticks, rotation=turned, fontsize=8 if turned == 90 else None)
        panel.set_xlim(-0.5, len(steps) - 0.5)
        panel.set_xlabel("learning rate")
        panel.grid(axis="y", color="0.9")
        focus(panel, [dot.scores[name] for dot in charts.dots], [values[name] for values in charts.without_rate.values()])
    legend(figure, panels[:1])
    return figure


def confusion(one: Confusion, labels: Sequence[str], name: str | None = None) -> "Figure":
    """Two heatmaps side by side: mean counts a trial, and row percentages; ``name`` is the configuration's, told from others'.

    Numbers stand in the cells up to ten levels, as large as fits; beyond, every n-th rating is named.
    """
    import seaborn as sns

    figure, panels = panels_of(3.2, 1, 2, top=0.6, between=0.9)
    numbers, named = len(labels) <= MOST, shown_on_axis(len(labels))
    counts = "mean count a trial" if one.n > 1 else "counts"
    drawn: list[tuple[tuple[str, str], Any, tuple[Callable[[float], str], ...], float | None]] = [
        ((counts, f"{counts} (k: thousands)"), one.counts, (cells.count, cells.in_thousands), None),
        (("row percentages", "row percentages (%)"), one.shares, (cells.percent, "{:.0f}".format), 100.0),
    ]
    room = 72 * figure.get_figwidth() * panels[0].get_position().width / len(labels)
    for panel, (titles, values, forms, top) in zip(panels, drawn, strict=True):
        inside = cells.fitted(values, room, forms, top)
        sns.heatmap(
            values,
            ax=panel,
            cmap="Blues",
            vmin=0,
            vmax=top,
            annot=inside.texts if numbers else None,
            fmt="",
            annot_kws={"fontsize": inside.size},
            xticklabels=False,
            yticklabels=False,
            cbar=not numbers,
            square=True,
            linewidths=0.5 if len(labels) <= 2 * MOST else 0,
            linecolor="0.85",
        )
        panel.set(title=titles[inside.form if numbers else 0], xlabel="predicted rating", ylabel="observed rating")
        places, texts_of = [one + 0.5 for one in named], [labels[one] for one in named]
        slanted = max(map(len, texts_of)) * len(texts_of) > LETTERS_ALONG
        panel.set_xticks(places, texts_of, rotation=45 if slanted else 0)
        panel.set_yticks(places, texts_of, rotation=0)
        panel.tick_params(length=0)
    trials = "1 trial" if one.n == 1 else f"{one.n} trials"
    told = name or short_names([one.configuration], HEAD)[one.configuration]
    figure.suptitle(
        f"{told}{at_rate(float(rate_axis.labels([one.learning_rate])[0]), ', ')}, {trials}",
        fontsize=11,
        y=1 - 0.1 / figure.get_figheight(),
        va="top",
    )
    return figure


def reliability(charts: ChartData) -> "Figure":
    """Observed share of events over predicted probability, a line a configuration, beside the gap between them, magnified."""
    found = looks(charts)
    short = short_names(one.configuration for one in charts.reliabilities)
    figure, (left, right) = panels_of(3.4, 1, 2, legend=len(short), across=across(short.values()), between=0.9)
    left.plot([0, 1], [0, 1], color="0.6", lw=1)
    right.axhline(0, color="0.6", lw=1)
    for one in charts.reliabilities:
        style = found[one.configuration]
        predicted, observed, _ = one.curve.T
        kind: dict[str, Any] = {"color": style.colour, "linestyle": style.line, "marker": style.mark, "ms": 5, "lw": 1.4}
        left.plot(predicted, observed, label=short[one.configuration], **kind)
        right.plot(predicted, observed - predicted, **kind)
    left.set(title="cumulative events P(rating ≤ k)", xlabel="predicted probability", ylabel="observed share")
    right.set(title="gap: above 0, more frequent", xlabel="predicted probability", ylabel="observed share − prediction")
    for panel in (left, right):
        panel.grid(color="0.9")
        panel.set_xlim(0, 1)
    legend(figure, [left])
    return figure


def learning_curves(charts: ChartData) -> "Figure":
    """A panel a configuration: valid loss by epoch of every trial (thin), its mean (thick) and the mean train loss (dotted)."""
    configurations = [
        (configuration, list(curves)) for configuration, curves in groupby(charts.curves, key=lambda curve: curve.configuration)
    ]
    columns = min(3, len(configurations))
    rows = math.ceil(len(configurations) / columns)
    steps = sorted({curve.learning_rate for curve in charts.curves})
    said = dict(zip(steps, rate_axis.labels(steps), strict=True))
    short = short_names((configuration for configuration, _ in configurations), 2 * TITLE - 4)
    further = 0.17 * (max(map(len, short.values())) > TITLE)
    figure, panels = panels_of(2.0, rows, columns, legend=len(steps) + 1, top=0.35 + further, below=further)
    for panel, (configuration, curves) in zip(panels, configurations, strict=False):
        for curve in curves:
            style = look(steps.index(curve.learning_rate))
            epochs = np.arange(1, len(curve.train) + 1)
            alpha = 0.4 if len(curve.valid) <= MANY else 0.15
            for losses in curve.valid:
                panel.plot(epochs, losses, color=style.colour, lw=0.5, alpha=alpha)
            label = f"valid, learning rate {said[curve.learning_rate]}"
            panel.plot(epochs, curve.valid_mean, color=style.colour, marker=style.mark, ms=4, lw=1.6, label=label, zorder=4)
            panel.plot(epochs, curve.train, color=style.colour, marker=style.mark, ms=3, lw=1, linestyle=":", mfc="white")
        most = max(len(curve.train) for curve in curves)
        panel.set_xticks(range(1, most + 1, -(-most // MOST_EPOCHS)))
        panel.set_title(fill(short[configuration], TITLE, break_on_hyphens=False))
        panel.set_xlabel("epoch")
        panel.grid(axis="y", color="0.9")
        shown = [loss for curve in curves for losses in (*curve.valid, curve.train) for loss in losses]
        focus(panel, shown, [])
    for panel in panels[len(configurations) :]:
        panel.remove()
    panels[0].set_ylabel("loss")
    panels[0].plot([], [], color="0.4", lw=1, linestyle=":", marker="o", mfc="white", ms=3, label="train (dotted)")
    legend(figure, panels[: len(configurations)])
    return figure


def panels_of(
    height: float,
    rows: int,
    columns: int,
    legend: int = 0,
    across: int = LEGEND_COLUMNS,
    top: float = 0.35,
    between: float = 0.75,
    below: float = 0.0,
) -> tuple["Figure", list["Axes"]]:
    """A figure with its panels, ``height`` inches each, and room for a legend of that many entries below, ``across`` in a row.

    ``below`` are further inches for labels that are slanted, under each row.

    Margins are set in inches: letting matplotlib find them draws each figure three times.
    """
    left, right, upright = 0.7, 0.15, 0.85 + below
    bottom = below + 0.55 + 0.2 * math.ceil(legend / across) + (0.1 if legend else 0)
    total = top + rows * height + (rows - 1) * upright + bottom
    figure = blank()(figsize=(WIDTH, total))
    width = (WIDTH - left - right - (columns - 1) * between) / columns
    grid = figure.add_gridspec(
        rows,
        columns,
        left=left / WIDTH,
        right=1 - right / WIDTH,
        top=1 - top / total,
        bottom=bottom / total,
        wspace=between / width,
        hspace=upright / height,
    )
    return figure, [figure.add_subplot(grid[at]) for at in np.ndindex(rows, columns)]


def across(labels: Iterable[str]) -> int:
    """How many entries of a legend stand side by side."""
    return LEGEND_COLUMNS if max(map(len, labels), default=0) <= LEGEND_LETTERS else 2


def legend(figure: "Figure", panels: Sequence["Axes"]) -> None:
    """One legend below the panels, each label once."""
    entries: dict[str, Artist] = {}
    for panel in panels:
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    columns = min(across(entries), len(entries))
    figure.legend(list(entries.values()), list(entries), loc="lower center", ncols=columns, frameon=False)


def focus(panel: "Axes", values: Sequence[float], lines: Sequence[float]) -> None:
    """Limit the upright axis to what is drawn, with a margin; no line far away squeezes the marks together."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return
    low, high = min(finite), max(finite)
    near = [one for one in lines if math.isfinite(one) and low - (high - low) <= one <= high + (high - low)]
    low, high = min([low, *near]), max([high, *near])
    margin = 0.06 * (high - low) or 0.01
    panel.set_ylim(low - margin, high + margin)
