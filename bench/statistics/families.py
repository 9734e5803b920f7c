"""Several tests at once: Holm's correction over a table, a primary comparison of its own, and everything against a reference."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def holm(p: Sequence[float] | NDArray[np.floating]) -> NDArray[np.float64]:
    """Holm's (1979) correction of the p-values that are there; NaN stays NaN and is not counted.

    >>> holm([0.01, float("nan"), 0.04]).tolist()
    [0.02, nan, 0.04]
    """
    found = np.asarray(p, dtype=np.float64)
    there = np.flatnonzero(np.isfinite(found))
    order = there[np.argsort(found[there], kind="stable")]
    corrected = found.copy()
    # statsmodels' multipletests gives the same, but collects garbage each time: 0.2 s a table
    steps = found[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1) if len(order) else steps
    return corrected


def corrected(p: Sequence[float] | NDArray[np.floating], primary: Sequence[bool] | None = None) -> NDArray[np.float64]:
    """Holm's correction within the primary comparisons, and within the rest.

    One question that was declared before the data were seen needs no correction for others that were not (ICH E9, 1998, section
    2.2.2). The rest is exploratory: what is found there is to be confirmed.

    >>> corrected([0.03, 0.03, 0.03], [True, False, False]).tolist()
    [0.03, 0.06, 0.06]
    """
    found = np.asarray(p, dtype=np.float64)
    first = np.zeros(len(found), dtype=bool) if primary is None else np.asarray(primary, dtype=bool)
    return np.where(first, holm(np.where(first, found, np.nan)), holm(np.where(first, np.nan, found)))


def in_family(pairs: Sequence[tuple[str, str]], reference: str | None = None) -> NDArray[np.bool_]:
    """Which pairs are compared: all, or with a reference those that it is in, as Dunnett (1955) compares with a control.

    >>> in_family([("a", "b"), ("a", "c"), ("b", "c")], "a").tolist()
    [True, True, False]
    """
    return np.array([reference is None or reference in pair for pair in pairs], dtype=bool)
