"""The baseline ``constant``: the training marginals for every rating."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cfce.estimators.direct import DirectEstimator, Predictor
from cfce.predictions import Prediction
from cfce.splits import Fold, Part


@dataclass(frozen=True)
class Constant(DirectEstimator):
    """The same for every rating: the distribution is train's share of each level, the point its mean. K parameters."""

    family: ClassVar[str] = "baseline"
    label: ClassVar[str] = "baseline"

    def learn(self, fold: Fold) -> tuple[Predictor, int]:
        """Count the levels of train."""
        scale = fold.scale
        shares = np.bincount(fold.train.level, minlength=scale.n_levels) / len(fold.train)
        mean = shares @ np.asarray(scale.values)

        def predict(part: Part) -> Prediction:
            points = np.full(len(part), mean, dtype=np.float32)
            return Prediction(scale, points, np.tile(shares.astype(np.float32), (len(part), 1)))

        return predict, scale.n_levels
