"""Levels in tables and on axes: each by its rating up to ten, and beyond that in groups, in runs or every n-th one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MOST = 10
"""Levels that have a column or a label each."""
MOST_ON_AXIS = 12
"""Levels that an axis names one and all."""


def groups(n_levels: int) -> list[tuple[int, int]]:
    """The first and last level of each group: every level alone up to ``MOST``, else ten groups of consecutive levels.

    >>> groups(3), groups(25)[:2], groups(25)[-1]
    ([(0, 0), (1, 1), (2, 2)], [(0, 2), (3, 5)], (23, 24))
    """
    parts = np.array_split(np.arange(n_levels), min(n_levels, MOST))
    return [(int(part[0]), int(part[-1])) for part in parts]


def group_labels(labels: Sequence[str]) -> list[str]:
    """How the groups are called.

    >>> group_labels(["1", "2"]), group_labels([str(one) for one in range(1, 101)])[-1]
    (['1', '2'], '91 to 100')
    """
    return [_said(labels, *ends) for ends in groups(len(labels))]


def group_sums(values: NDArray[np.number]) -> NDArray[np.number]:
    """The sums of a value of each level, (K,), over the levels of each group."""
    return np.asarray(np.add.reduceat(values, [first for first, _ in groups(len(values))]))


def in_runs(levels: Sequence[int], labels: Sequence[str]) -> list[str]:
    """Levels as text, three or more consecutive ones as a range.

    >>> in_runs([0, 1, 2, 5, 6], ["-3", "-2", "-1", "0", "1", "2", "3"])
    ['-3 to -1', '2', '3']
    """
    found: list[str] = []
    at = 0
    while at < len(levels):
        end = at
        while end + 1 < len(levels) and levels[end + 1] == levels[end] + 1:
            end += 1
        run = levels[at : end + 1]
        found += [_said(labels, run[0], run[-1])] if len(run) > 2 else [labels[one] for one in run]
        at = end + 1
    return found


def shown_on_axis(n_levels: int) -> list[int]:
    """The levels that an axis names: all of a few, else every n-th from the lowest, ``MOST`` at most.

    >>> shown_on_axis(11)[-3:], shown_on_axis(100)[:3]
    ([8, 9, 10], [0, 10, 20])
    """
    return list(range(0, n_levels, 1 if n_levels <= MOST_ON_AXIS else -(-n_levels // MOST)))


def _said(labels: Sequence[str], first: int, last: int) -> str:
    return labels[first] if first == last else f"{labels[first]} to {labels[last]}"
