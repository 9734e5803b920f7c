"""The baseline ``bias``: the mean of train, and a shrunken bias of each user and item."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cfce.estimators.direct import DirectEstimator, Predictor
from cfce.metrics.distribution import fit_sigma, normal_over_levels
from cfce.predictions import Prediction
from cfce.search import Range, searched
from cfce.splits import Fold, Part


@dataclass(frozen=True)
class Bias(DirectEstimator):
    """Mean of train, plus a shrunken bias of the item and one of the user, clipped to the scale; unseen ones have bias 0.

    The distribution is the normal around the point, cut at the midpoints between levels, with its sigma fitted on valid.
    Source: Koren, Factor in the Neighbors (2010), section 2.1: the least squares problem, solved by alternation.
    """

    family: ClassVar[str] = "baseline"
    label: ClassVar[str] = "baseline"
    libraries: ClassVar[tuple[str, ...]] = ("numpy", "scipy")

    user_shrinkage: float = field(default=15.0, metadata=searched(Range(1.0, 50.0, log=True)))
    """Ratings at 0 that a user's bias is averaged with (Koren's lambda 3)."""
    item_shrinkage: float = field(default=10.0, metadata=searched(Range(1.0, 50.0, log=True)))
    """Ratings at 0 that an item's bias is averaged with (Koren's lambda 2)."""
    rounds: int = 10
    """Alternations between items and users; they settle within a few."""

    def learn(self, fold: Fold) -> tuple[Predictor, int]:
        """Alternate between item and user biases."""
        scale, train = fold.scale, fold.train
        ratings = np.asarray(scale.values)[train.level]
        mean = float(ratings.mean())
        users, items = np.zeros(fold.ratings.n_users), np.zeros(fold.ratings.n_items)
        for _ in range(self.rounds):
            items = _shrunken_means(train.item, ratings - mean - users[train.user], len(items), self.item_shrinkage)
            users = _shrunken_means(train.user, ratings - mean - items[train.item], len(users), self.user_shrinkage)

        def points(part: Part) -> NDArray[np.float64]:
            return np.clip(mean + users[part.user] + items[part.item], scale.values[0], scale.values[-1])

        sigma = fit_sigma(points(fold.valid), fold.valid.level, scale)

        def predict(part: Part) -> Prediction:
            at = points(part).astype(np.float32)
            return Prediction(scale, at, normal_over_levels(at, sigma, scale).astype(np.float32), sigma=sigma)

        return predict, 1 + len(users) + len(items)


def _shrunken_means(codes: NDArray[np.int32], residuals: NDArray[np.float64], n: int, shrinkage: float) -> NDArray[np.float64]:
    """The mean residual of each code, (n,), averaged with ``shrinkage`` further zeros; 0 where a code does not occur.

    >>> _shrunken_means(np.array([1, 1], dtype=np.int32), np.array([3.0, 6.0]), 3, 1.0).tolist()
    [0.0, 3.0, 0.0]
    """
    counts = np.bincount(codes, minlength=n) + shrinkage
    sums = np.bincount(codes, weights=residuals, minlength=n)
    return np.asarray(np.divide(sums, counts, out=np.zeros(n), where=counts > 0))
