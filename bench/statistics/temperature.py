"""One temperature for a classifier, fitted on valid: what a fitted sigma is for a regression.

A regression's distribution has one parameter that is fitted on valid, its sigma. A classifier that gets nothing starts behind in
NLL, so it gets one parameter too: its logits are divided by a temperature T, the one with the least NLL on valid (Guo, Pleiss,
Sun and Weinberger 2017, On Calibration of Modern Neural Networks, section 4.2). The mode stays what it was.
"""

import numpy as np
from numpy.typing import NDArray

from cfce.errors import UserError

BOUNDS = (0.05, 20.0)
"""The temperatures that are tried."""
IMPOSSIBLE = -1e5
"""The logarithm that stands for that of a probability of 0: finite, and 0 at any of these temperatures."""
CLOSE, MOST_STEPS = 1e-7, 100


def fit_temperature(probabilities: NDArray[np.floating], level: NDArray[np.integer]) -> float:
    """The temperature with the least NLL of the observed levels (n,) under probabilities (n, K).

    Probabilities serve as logits: their logarithms are logits but for a constant in each row. Ratings whose observed level has
    probability 0 have an infinite NLL at any temperature and do not count. 1 where no rating counts.

    >>> logits = np.log([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.9, 0.1]])  # sure to 9 in 10, right in 3 of 4
    >>> temperature = fit_temperature(np.exp(logits), np.array([0, 0, 0, 1]))
    >>> round(temperature, 3), at_temperature(np.exp(logits), temperature)[0].round(3).tolist()
    (2.0, [0.75, 0.25])
    """
    if probabilities.ndim != 2 or len(probabilities) != len(level):
        raise UserError(f"probabilities of shape {probabilities.shape} came for {len(level)} levels; they are (n, K)")
    rows = np.arange(len(level))
    possible = probabilities[rows, level] > 0
    if not possible.any():
        return 1.0
    logits = _logits(probabilities[possible])
    ahead = logits.T - logits[rows[: len(logits)], level[possible]]  # (K, n): of each level before the observed one
    return 1 / _least_nll(np.maximum(ahead, IMPOSSIBLE))


def _least_nll(ahead: NDArray[np.float64]) -> float:
    """The factor on logits (K, n) with the least NLL, by Newton's method within ``BOUNDS``: the NLL is convex in it.

    Its slope is the mean over ratings of what the levels are ahead by, weighed by their probabilities, and its curvature the
    mean of their variance.
    """
    low, high = 1 / BOUNDS[1], 1 / BOUNDS[0]
    factor = 1.0
    for _ in range(MOST_STEPS):
        mass = factor * ahead
        np.exp(mass - mass.max(axis=0), out=mass)
        mass /= mass.sum(axis=0)
        weighed = mass * ahead
        means = weighed.sum(axis=0)
        slope, curvature = float(means.mean()), float(((weighed * ahead).sum(axis=0) - means**2).mean())
        low, high = (factor, high) if slope < 0 else (low, factor)
        step = factor - slope / curvature if curvature > 0 else np.inf
        new = step if low < step < high else float(np.sqrt(low * high))
        if abs(new - factor) <= CLOSE * factor:
            return new
        factor = new
    return factor


def at_temperature(probabilities: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """Probabilities (n, K) with their logits divided by a temperature; a probability of 0 stays 0."""
    if not temperature > 0:
        raise UserError(f"temperature {temperature:g} came; it is above 0")
    scaled = _logits(probabilities) / temperature
    mass = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(mass / mass.sum(axis=1, keepdims=True))


def _logits(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """The logarithms, (N, K); each level's lie in one piece, as reductions over a few levels are slow along rows."""
    with np.errstate(divide="ignore"):
        return np.log(np.asarray(probabilities, dtype=np.float64, order="F"))
