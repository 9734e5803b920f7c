"""How charts look: colours that a colour-blind reader can tell apart, and marks and lines that differ in grey print."""

from dataclasses import dataclass

from bench.report.chart_data import ChartData

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F")
"""Okabe and Ito (2008), with grey for the yellow that is unreadable on white; the page has them by number, for light and dark."""
MARKS = ("o", "s", "^", "D", "v", "P", "X")
LINES = ("-", "--", "-.", ":", (0, (8, 2)), (0, (4, 1.5, 1, 1.5, 1, 1.5)), (0, (1, 4)))
"""Any three that follow one another, which is what lines of one colour have, are told apart at a glance."""
PAGE_MARKS = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "x")
PAGE_LINES = ("", "7 4", "7 3 2 3", "2 3", "14 4", "7 3 2 3 2 3", "1 6")


@dataclass(frozen=True)
class Look:
    """The colour, mark and line of one series, for matplotlib and for the page."""

    colour: str
    mark: str
    line: object
    page: tuple[int, str, str]
    """For the page: the number of the colour, the mark, and the lengths of dashes and gaps."""


def look(number: int) -> Look:
    """The look of the series of that number; after seven, colours come again with other marks."""
    at, turn = number % len(COLOURS), number // len(COLOURS)
    mark = (at + turn) % len(MARKS)
    return Look(COLOURS[at], MARKS[mark], LINES[mark], (at, PAGE_MARKS[mark], PAGE_LINES[mark]))


def looks(charts: ChartData) -> dict[str, Look]:
    """The look of each configuration, the same in every chart."""
    names = dict.fromkeys(
        [*(dot.configuration for dot in charts.dots), *charts.without_rate, *(one.configuration for one in charts.confusions)]
    )
    return {name: look(number) for number, name in enumerate(names)}
