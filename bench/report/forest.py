"""The picture of an answer: for each pair and score how much better one is than the other, with its interval and margin."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.comparison.scores import StudyScores
from bench.comparison.verdict import Verdict
from bench.report.answer import that_matter
from bench.report.numbers import difference_with_interval
from cfce.metrics import METRICS

MOST_PAIRS = 8
ROOM = 1.06
"""Half the width of a panel, in units of the farthest end that it shows."""


@dataclass(frozen=True)
class Bar:
    """One difference, drawn: places are shares of the panel's width, from 0 to 1; 0.5 is no difference, right is better."""

    middle: float
    low: float
    high: float
    verdict: str
    text: str
    """The difference as it is in the tables, first minus second, with its interval."""


@dataclass(frozen=True)
class Panel:
    """One score: what it is called, how wide its region of equivalence is, and what its axis reaches."""

    label: str
    better: str
    """Which way the score is better."""
    region: tuple[float, float]
    """Ends of the region of equivalence as shares of the width; both 0.5 where there is no margin."""
    reach: float
    """The difference at either end of the axis."""


@dataclass(frozen=True)
class Forest:
    """A row a pair, a panel a score."""

    panels: tuple[Panel, ...]
    rows: tuple[tuple[str, str, tuple[Bar | None, ...]], ...]
    """First, second, and a bar for each panel; None where they are not compared on it."""
    left_out: int
    """Pairs that are in the table of pairs alone."""


def forest_of(scores: StudyScores, verdicts: Sequence[Verdict]) -> Forest | None:
    """The picture of the verdicts that answer, at most ``MOST_PAIRS`` pairs; None where nothing has an interval."""
    told = [one for one in that_matter(scores, verdicts) if one.low == one.low]
    pairs = list(dict.fromkeys((one.a, one.b) for one in told))
    shown = pairs[:MOST_PAIRS]
    told = [one for one in told if (one.a, one.b) in shown]
    if not told:
        return None
    by_place = {(one.a, one.b, one.metric): one for one in told}
    metrics = list(dict.fromkeys(one.metric for one in told))
    reach = {name: ROOM * max(max(abs(one.low), abs(one.high)) for one in told if one.metric == name) or 1.0 for name in metrics}
    panels = []
    for name in metrics:
        margin = next((one.margin for one in told if one.metric == name and one.margin is not None), 0.0)
        ends = (_share(-min(margin, reach[name]), reach[name]), _share(min(margin, reach[name]), reach[name]))
        better = "higher" if METRICS[name].higher_is_better else "lower"
        panels.append(Panel(METRICS[name].label, better, ends, reach[name]))
    found: list[tuple[str, str, tuple[Bar | None, ...]]] = []
    for a, b in shown:
        compared = [(by_place.get((a, b, name)), reach[name]) for name in metrics]
        found.append((a, b, tuple(_bar(one, width) if one else None for one, width in compared)))
    return Forest(tuple(panels), tuple(found), len(pairs) - len(shown))


def _bar(one: Verdict, reach: float) -> Bar:
    """The bar of a verdict: a lower score that is better lies to the right."""
    sign = 1 if METRICS[one.metric].higher_is_better else -1
    low, high = sorted((sign * one.low, sign * one.high))
    middle = _share(sign * one.difference, reach)
    text = difference_with_interval(one.difference, one.low, one.high)
    return Bar(middle, _share(low, reach), _share(high, reach), one.verdict, text)


def _share(value: float, reach: float) -> float:
    """Where a value stands on an axis from minus to plus ``reach``, as a share of its length.

    >>> _share(0.0, 2.0), _share(-2.0, 2.0), _share(1.0, 2.0)
    (0.5, 0.0, 0.75)
    """
    return round(0.5 + value / (2 * reach), 4)
