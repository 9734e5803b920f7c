"""The variant ``item-means``: the mean rating of each item, drawn to the mean of all where it has few ratings."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from bench.registry import DirectEstimator, register_variant
from cfce.predictions import Prediction
from cfce.splits import Fold, Part


@dataclass(frozen=True)
class ItemMeans(DirectEstimator):
    """An item's mean rating, taken together with ``shrinkage`` ratings at the mean of all; that mean for unseen items."""

    family: ClassVar[str] = "regression"
    label: ClassVar[str] = "pandas"
    libraries: ClassVar[tuple[str, ...]] = ("numpy", "pandas")

    shrinkage: float = 5.0
    """Ratings at the mean of all that each item's ratings are averaged with."""

    def learn(self, fold: Fold):
        rating = pd.Series(fold.scale.array[fold.train.level], dtype=float)
        mean = rating.mean()
        items = rating.groupby(fold.train.item).agg(["sum", "count"])
        means = (items["sum"] + self.shrinkage * mean) / (items["count"] + self.shrinkage)

        def predict(part: Part) -> Prediction:
            return Prediction(fold.scale, points=means.reindex(part.item).fillna(mean).to_numpy(np.float32))

        return predict, 1 + len(means)


register_variant("item-means", "the shrunken mean rating of each item", estimator=ItemMeans())
