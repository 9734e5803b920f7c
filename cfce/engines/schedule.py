"""The one-cycle policy: learning rate and momentum of every step, as fastai's ``fit_one_cycle``.

Source: Smith and Topin, Super-Convergence (2018); the cosine form and the constants are fastai's.
"""

import numpy as np
from numpy.typing import NDArray

PCT_START = 0.25
"""Share of the steps in which the learning rate rises."""
DIV = 25.0
"""The first learning rate is the peak over this."""
DIV_FINAL = 1e5
"""The last learning rate is the peak over this."""
MOMENTA = (0.95, 0.85, 0.95)
"""Momentum at the start, at the peak of the learning rate, and at the end."""


def one_cycle(learning_rate: float, n_steps: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Learning rate and momentum of each step, (n_steps,) each; step i is at position i / n_steps.

    >>> rates, momenta = one_cycle(0.1, 4)
    >>> rates.round(6).tolist(), momenta.round(4).tolist()
    ([0.004, 0.1, 0.075, 0.025001], [0.95, 0.85, 0.875, 0.925])
    """
    position = np.arange(n_steps) / n_steps
    rates = _two_cosines(position, learning_rate / DIV, learning_rate, learning_rate / DIV_FINAL)
    return rates, _two_cosines(position, *MOMENTA)


def _two_cosines(position: NDArray[np.float64], start: float, middle: float, end: float) -> NDArray[np.float64]:
    rising = _cosine(position / PCT_START, start, middle)
    falling = _cosine((position - PCT_START) / (1 - PCT_START), middle, end)
    return np.where(position < PCT_START, rising, falling)


def _cosine(share: NDArray[np.float64], start: float, end: float) -> NDArray[np.float64]:
    return np.asarray(start + (1 - np.cos(np.pi * share)) * (end - start) / 2)
