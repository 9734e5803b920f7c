"""The train loss that is reported: fastai's smoothed average over the steps."""

import numpy as np
from numpy.typing import NDArray

BETA = 0.98
"""How much of the average each step keeps."""


class SmoothLoss:
    """Exponentially weighted mean of the step losses since the fit began, without the pull towards 0 of its start.

    >>> smooth = SmoothLoss()
    >>> round(smooth.update(np.array([1.0, 2.0])), 4)  # (0.98 * 0.02 * 1 + 0.02 * 2) / (1 - 0.98**2)
    1.5051
    """

    def __init__(self) -> None:
        self._average = 0.0
        self._count = 0

    def update(self, losses: NDArray[np.floating]) -> float:
        """Take the losses of further steps, (n,); the smoothed loss after them."""
        n = len(losses)
        weights = (1 - BETA) * BETA ** np.arange(n - 1, -1, -1)
        self._average = float(self._average * BETA**n + weights @ losses.astype(np.float64))
        self._count += n
        return self._average / (1 - BETA**self._count)
