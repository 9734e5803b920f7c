"""The section that says for whom, and for what, one configuration of a pair is better."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench.comparison.gains import OBSERVED, TIME, Gains, Group
from bench.report.content import Cell, Image, Section, Table
from bench.report.figures import panels_of, slant
from bench.report.numbers import NONE, difference_with_interval
from bench.report.short_names import short_names
from bench.report.style import COLOURS
from cfce.metrics import METRICS, Metric

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLUE = COLOURS[0]
HOLLOW = "hollow: ratings of one user, without an interval"
UPRIGHT = 4
"""Characters of a label below the axis that stands upright; longer ones are slanted."""


def gains(found: Gains, part: str, images: Sequence[Image]) -> Section:
    """The differences by tenths of users' activity, items' popularity and time, by observed rating, and single ratings."""
    metric = METRICS[found.metric]
    better = "below" if not metric.higher_is_better else "above"
    rows = tuple(
        (
            Cell(by),
            Cell(group.label, group.low_value),
            Cell(f"{group.n:,}", group.n),
            Cell(f"{group.n_users:,}", group.n_users),
            Cell(_told(group), group.difference),
        )
        for by, groups in found.groups.items()
        for group in groups
    )
    examples = tuple(
        (
            Cell(one.user),
            Cell(one.item),
            Cell(one.observed),
            *(Cell(f"{value:.2f}", value) for value in (one.predicted_a, one.predicted_b, one.loss_a, one.loss_b)),
        )
        for one in found.examples
    )
    return Section(
        "gains",
        "Who gains",
        sentences=(
            f"The mean {_loss(metric)} of {found.a} minus that of {found.b} on {part}, by groups of ratings: {better} 0 "
            f"{found.a} is better "
            "there. Activity and popularity are the ratings that a user, or an item, has among those that were held out over "
            "all splits, as "
            f"a study does not keep those of train; {_timed(found)}the groups are tenths of the ratings, and equal values stay "
            "together. "
            f"{_intervals(found)}A group by observed rating is known only afterwards: a model that predicts high gains "
            "at high ratings.",
        ),
        tables=(
            Table(
                "gains",
                f"{found.a} minus {found.b}: {_loss(metric)}",
                ("by", "group", "ratings", "users", "difference [95 % interval]"),
                rows,
                frozenset({2, 3, 4}),
                filters=(0,),
                sortable=True,
            ),
            Table(
                "examples",
                f"Ratings of one split on which the two differ most: first those where {found.a} is better, then {found.b}",
                (
                    "user",
                    "item",
                    "observed",
                    f"{found.a} predicts",
                    f"{found.b} predicts",
                    f"{_loss(metric)} of {found.a}",
                    f"{_loss(metric)} of {found.b}",
                ),
                examples,
                frozenset(range(2, 7)),
            ),
        ),
        images=tuple(images),
    )


def gains_figure(found: Gains) -> "Figure":
    """A panel a way of grouping: the difference of each group with its interval; hollow for one user, who has none."""
    rows = -(-len(found.groups) // 3)
    figure, panels = panels_of(2.2, rows, -(-len(found.groups) // rows), top=0.55, below=0.35)
    for panel, by in zip(panels[1:], list(found.groups)[1:], strict=True):
        if by != OBSERVED:  # where differences are far greater
            panel.sharey(panels[0])
    for panel, (by, groups) in zip(panels, found.groups.items(), strict=True):
        at = range(len(groups))
        panel.axhline(0, color="0.5", lw=1)
        known = [(place, group) for place, group in zip(at, groups, strict=True) if group.has_interval]
        places, middles = [place for place, _ in known], [group.difference for _, group in known]
        below = [max(0.0, group.difference - group.low) for _, group in known]
        above = [max(0.0, group.high - group.difference) for _, group in known]
        panel.errorbar(places, middles, yerr=[below, above], fmt="o", color=BLUE, ms=4, lw=1.2, capsize=2)
        alone = [(place, group.difference) for place, group in zip(at, groups, strict=True) if not group.has_interval]
        if alone:
            panel.plot(*zip(*alone, strict=True), "o", mfc="white", color=BLUE, ms=4)
        labels = [_tick(group, by) for group in groups]
        panel.set_xticks(list(at), labels, fontsize=8)
        if max(map(len, labels)) > UPRIGHT:
            slant(panel, 60)
        panel.set_title(f"by {by}{', from' if by == TIME else ''}", fontsize=10)
        panel.grid(axis="y", color="0.9")
    metric = METRICS[found.metric]
    for panel in panels[:: len(panels) // rows]:
        panel.set_ylabel(f"{_loss(metric)}: A - B")
    better = "above" if metric.higher_is_better else "below"
    if found.n_intervals < found.n_groups:
        figure.text(0.5, 0.06 / figure.get_figheight(), HOLLOW, fontsize=8.5, ha="center", va="bottom")
    a, b = short_names((found.a, found.b), 36).values()
    title = f"A: {a}, B: {b}; {better} 0 A is better"
    figure.suptitle(title, fontsize=10.5, y=1 - 0.08 / figure.get_figheight(), va="top")
    return figure


def _tick(group: Group, by: str) -> str:
    """What stands below a group in the figure: its label, or the first day alone."""
    return group.label.partition(" to ")[0] if by == TIME else group.label


def _told(group: Group) -> str:
    """The difference of a group with its interval, or a dash for that of one user.

    >>> _told(Group("0.5", 0.5, 0.5, 2, 1, 1.2061, float("nan"), float("nan")))
    '+1.2061 [–] of one user'
    """
    text = difference_with_interval(group.difference, group.low, group.high)
    return text if group.has_interval else f"{text} [{NONE}] of one user"


def _intervals(found: Gains) -> str:
    """What the intervals are, and how many exclude 0 by chance."""
    n = found.n_intervals
    if not n:
        return "Every group is of one user, which says nothing of other users, so there are no intervals. "
    alone = "; a group of one user has none" if n < found.n_groups else ""
    return (
        f"Intervals (95 %) are for other users, who are resampled with all their ratings, at these trainings{alone}. "
        f"Of {n} intervals about {n * 0.05:.0f} exclude 0 by chance alone. "
    )


def _timed(found: Gains) -> str:
    return "the time of a rating is its timestamp, shown as days (UTC); " if TIME in found.groups else ""


def _loss(metric: Metric) -> str:
    """What is averaged over ratings: the score itself, or what its root is taken of."""
    return "squared error" if "rmse" in metric.name else metric.label
