"""The predictions of one part of one trial, beside what was observed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfce.predictions import Prediction


@dataclass(frozen=True, eq=False)
class HeldOut:
    """One part's predictions of one trial, beside the observed levels: ids (n,), levels (n,) uint8, n predictions."""

    part: str
    user: NDArray[Any]
    item: NDArray[Any]
    level: NDArray[np.uint8]
    prediction: Prediction
