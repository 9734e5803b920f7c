"""What a learning rate finder has measured."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class LearningRateRange:
    """What ``lr_find`` of fastai saw: rates and smoothed losses, (steps,) each, and the valley that it suggests (or NaN)."""

    rates: NDArray[np.float64]
    losses: NDArray[np.float64]
    valley: float
