"""The readings of a verdict as short texts: for the cells of tables, in reports and at the terminal."""

from bench.comparison import digits
from bench.comparison.verdict import Side, Verdict
from bench.report.numbers import NONE, difference_with_interval, percent
from bench.statistics import Estimate, Further, Robust


def imputed(found: Estimate | None) -> str:
    """The difference with each lost training scored as the constant."""
    return NONE if found is None else difference_with_interval(found.difference, found.low, found.high)


def interquartile(found: Robust | None) -> str:
    """The difference of interquartile means with its interval."""
    return NONE if found is None else difference_with_interval(found.value, found.low, found.high)


def improvement(found: Robust | None) -> str:
    """How probable it is that a training of A is better, with its interval."""
    if found is None:
        return NONE
    interval = f" [{percent(found.low, 0)}, {percent(found.high, 0)}]" if found.low == found.low else ""
    return f"{percent(found.value, 0)}{interval}"


def chances(one: Verdict) -> str:
    """The posterior probabilities of better, equivalent and worse, in per cent.

    Each is rounded, and what is not certain is not shown as 100 or 0.
    """
    found = one.chances
    return " / ".join(_chance(share) for share in found) if found[0] == found[0] else NONE


def _chance(share: float) -> str:
    """A probability in per cent.

    >>> _chance(0.9999), _chance(0.5), _chance(0.0001)
    ('> 99', '50', '< 1')
    """
    return "> 99" if share > 0.99 else "< 1" if share < 0.01 else f"{100 * share:.0f}"


def p_value(p: float) -> str:
    """A p-value; a dash where there is none."""
    return NONE if p != p else digits.p_value(p)


def chosen(side: Side) -> str:
    """The learning rates of a side: one, or how many fits each was chosen for; marked at an end of the grid.

    >>> chosen(Side("ce", 0.03, ((0.03, 4), (0.1, 1)), 0.0))
    '0.03 (4 fits), 0.1 (1)'
    >>> chosen(Side("ce", 0.1, ((0.1, 5),), 0.0, edge="highest"))
    '0.1, highest'
    """
    rates = [(rate, n) for rate, n in side.chosen if rate == rate]
    edge = f", {side.edge}" if side.edge else ""
    if len(rates) < 2:
        return f"{rates[0][0]:g}{edge}" if rates else NONE
    (first, n), *others = rates
    return ", ".join([f"{first:g} ({n} fits)", *(f"{rate:g} ({n})" for rate, n in others)]) + edge


def lost(side: Side) -> str:
    """Lost trainings of all.

    >>> lost(Side("ce", 0.1, (), 0.0, lost=2, total=40))
    '2 of 40'
    """
    return f"{side.lost} of {side.total}"


def further(found: Further | None) -> str:
    """Further splits or seeds: the median, and the 80 % range.

    >>> further(Further("splits", 5, 23, None, 0.2, 0.001, False)), further(None)
    ('23 (5 to > 10,000)', '–')
    """
    if found is None:
        return NONE
    if found.cannot:
        return "none would"
    if found.median is None:
        return "> 10,000"
    low, high = (NONE if end is None else f"{end:,}" for end in (found.low, found.high))
    return f"{found.median:,} ({low} to {'> 10,000' if found.high is None else high})"
