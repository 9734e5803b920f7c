"""The figure of quality against seconds: a panel a score, a mark a configuration, a line through the front."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.comparison.costs import Offer
from bench.report.beyond import ARROWS, held
from bench.report.figures import focus, legend, panels_of
from bench.report.sections.cost import Offers, numbered
from bench.report.style import COLOURS, MARKS
from cfce.estimators.estimator import FAMILIES
from cfce.metrics import METRICS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 0.8), (-1, 0.8), (1, -0.8), (-1, -0.8))
"""Where a number may stand beside its mark, the best first."""
MARK, HEIGHT, DIGIT = 3.5, 9.0, 5.5
"""Half the width of a mark, the height of a number and the width of a digit, in points."""


def cost_figure(found: Offers) -> "Figure":
    """A panel a score, seconds on a logarithmic axis; numbers are those of the table, bold on the front.

    A baseline so far off that it would squeeze the others together stands at the edge, as an arrow.
    """
    numbers = numbered(found)
    figure, panels = panels_of(3.6, 1, len(found), legend=len(FAMILIES) + 2, between=0.75)
    for panel, (name, offered) in zip(panels, found.items(), strict=True):
        metric = METRICS[name]
        shown = [one for one in offered if one.family != "baseline"] or offered
        focus(panel, [one.score for one in shown], [one.score for one in offered if one.family == "baseline"])
        panel.set_xscale("log")
        panel.margins(x=0.1)
        known = [one for one in offered if math.isfinite(one.score)]
        places, sides = held([one.score for one in known], *panel.get_ylim())
        _marks(panel, known, places.tolist(), sides.tolist())
        _front(panel, [one for one in known if one.on_front])
        _number(panel, [replace(one, score=place) for one, place in zip(known, places.tolist(), strict=True)], numbers)
        better = "higher" if metric.higher_is_better else "lower"
        panel.set_title(f"{metric.label}, {better} is better")
        panel.set_xlabel("seconds of a fit")
        _ticks(panel)
        panel.grid(color="0.92")
    legend(figure, panels)
    return figure


def _marks(panel: "Axes", known: Sequence[Offer], places: Sequence[float], sides: Sequence[int]) -> None:
    """A mark an offer, of its family; one beyond the axis is a hollow arrow, and comes last in the legend."""
    order = sorted(range(len(known)), key=lambda at: (bool(sides[at]), FAMILIES.index(known[at].family)))
    for one, place, side in ((known[at], places[at], sides[at]) for at in order):
        at = FAMILIES.index(one.family)
        colour = COLOURS[at] if one.family != "baseline" else "0.45"
        panel.scatter(
            one.seconds,
            place,
            s=22,
            marker=ARROWS.get(side, MARKS[at]),
            facecolors="white" if side else colour,
            edgecolors=colour,
            linewidths=1.2 if side else 0,
            zorder=3,
            label="beyond the axis" if side else one.family,
        )


def _ticks(panel: "Axes") -> None:
    """Plain numbers at powers of ten, and at 1, 2 and 5 times these where the axis spans about one."""
    from matplotlib.ticker import LogLocator, NullFormatter

    low, high = panel.get_xlim()
    if high < 30 * low:
        panel.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    panel.xaxis.set_major_formatter("{x:g}")
    panel.xaxis.set_minor_formatter(NullFormatter())


def _front(panel: "Axes", on_front: Sequence[Offer]) -> None:
    """The best score that can be had for at most so many seconds."""
    if on_front:
        seconds = [*(one.seconds for one in on_front), panel.get_xlim()[1]]
        scores = [*(one.score for one in on_front), on_front[-1].score]
        panel.set_xlim(panel.get_xlim())
        panel.plot(seconds, scores, drawstyle="steps-post", color="0.35", lw=1, zorder=2, label="front")


def _number(panel: "Axes", offered: Sequence[Offer], numbers: dict[str, int]) -> None:
    """A number beside each mark, where it covers least of marks and other numbers."""
    from matplotlib.patheffects import withStroke

    points = panel.figure.dpi / 72
    marks = [tuple(panel.transData.transform((one.seconds, one.score)) / points) for one in offered]
    boxes = [(x, y, MARK, MARK) for x, y in marks]  # middles, and half of width and height
    for one, (x, y) in sorted(zip(offered, marks, strict=True), key=lambda pair: not pair[0].on_front):
        text = str(numbers[one.configuration])
        half = (DIGIT * len(text) / 2, HEIGHT / 2)
        places = [
            (x + far * across * (MARK + half[0] + 1), y + far * up * (MARK + half[1]), *half)
            for far in (1.0, 1.9)
            for across, up in SIDES
        ]
        place = min(places, key=lambda box: sum(_covered(box, other) for other in boxes))
        boxes.append(place)
        panel.annotate(
            text,
            (one.seconds, one.score),
            xytext=(place[0] - x, place[1] - y),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=8,
            fontweight="bold" if one.on_front else "normal",
            path_effects=[withStroke(linewidth=2, foreground="white")],
            zorder=5,
        )


def _covered(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """The area that two boxes share."""
    width, height = (one[2 + at] + other[2 + at] - abs(one[at] - other[at]) for at in (0, 1))
    return max(0.0, width) * max(0.0, height)
