"""The axis of learning rates: a place for each rate, for each variant beside it, and labels."""

from collections.abc import Iterable, Sequence

WIDEST = 0.3
"""The most that one variant takes, of the room between two rates."""
TOGETHER = 0.6
"""What all variants of a rate take at most."""
DIGITS = 3
"""Significant digits of a rate in figures."""


def shifts(found: Iterable[tuple[str, float]]) -> dict[tuple[str, float], tuple[float, float]]:
    """How far a variant's marks stand aside from a rate's tick, and how wide its slot is, by variant and rate.

    Only variants that share a rate stand side by side, in their order.

    >>> {pair: round(shift, 2) for pair, (shift, _) in shifts([("a", 0.1), ("b", 0.1), ("a", 0.2)]).items()}
    {('a', 0.1): -0.15, ('b', 0.1): 0.15, ('a', 0.2): 0.0}
    """
    pairs = dict.fromkeys(found)
    order = list(dict.fromkeys(name for name, _ in pairs))
    at_rate: dict[float, list[str]] = {}
    for name, rate in pairs:
        at_rate.setdefault(rate, []).append(name)
    places = {}
    for rate, names in at_rate.items():
        slot = min(WIDEST, TOGETHER / len(names))
        for at, name in enumerate(sorted(names, key=order.index)):
            places[name, rate] = slot * (at - (len(names) - 1) / 2), slot
    return places


def labels(rates: Sequence[float]) -> list[str]:
    """Learning rates with three significant digits, or as many as tell them apart, up to six.

    >>> labels([0.0400447, 0.005]), labels([0.0400447, 0.0400441])
    (['0.04', '0.005'], ['0.040045', '0.040044'])
    """
    for digits in range(DIGITS, 7):
        found = [f"{rate:.{digits}g}" for rate in rates]
        if len(set(found)) == len(set(rates)):
            break
    return found
