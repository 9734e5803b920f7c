"""Baselines: predictions in closed form, from which every skill is measured."""

from collections.abc import Callable
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from cfce.errors import unknown_name
from cfce.metrics.distribution import fit_sigma, normal_over_levels
from cfce.predictions import Prediction
from cfce.splits import Fold, Part
from cfce.training.memory import peak_resident_mb
from cfce.training.task import Fitted

USER_SHRINKAGE = 15.0
"""Ratings at 0 that a user's bias is averaged with (Koren's lambda 3)."""
ITEM_SHRINKAGE = 10.0
"""Ratings at 0 that an item's bias is averaged with (Koren's lambda 2)."""
ROUNDS = 10
"""Alternations between items and users; they settle within a few."""


def fit_baseline(name: str, fold: Fold) -> Fitted:
    """Fit ``'constant'`` or ``'bias'`` on train; predictions of the held-out parts have points and probabilities.

    The history is empty: there are no epochs. Raises ``UserError`` for an unknown name.
    """
    if name not in BASELINES:
        raise unknown_name("baseline", name, BASELINES)
    start = perf_counter()
    prediction, n_parameters = BASELINES[name](fold)
    seconds = perf_counter() - start
    return Fitted(
        history=(),
        predictions={part: prediction(fold.part(part)) for part in fold.held_out},
        fit_seconds=seconds,
        peak_memory_mb=peak_resident_mb(),
        n_parameters=n_parameters,
    )


Predictor = Callable[[Part], Prediction]


def constant(fold: Fold) -> tuple[Predictor, int]:
    """The same for every rating: the distribution is train's share of each level, the point its mean. K parameters."""
    scale = fold.scale
    shares = np.bincount(fold.train.level, minlength=scale.n_levels) / len(fold.train)
    mean = shares @ np.asarray(scale.values)

    def prediction(part: Part) -> Prediction:
        points = np.full(len(part), mean, dtype=np.float32)
        return Prediction(scale, points, np.tile(shares.astype(np.float32), (len(part), 1)))

    return prediction, scale.n_levels


def bias(fold: Fold) -> tuple[Predictor, int]:
    """Mean of train, plus a shrunken bias of the item and one of the user, clipped to the scale; biases of the unknown are 0.

    The distribution is the normal around the point, cut at the midpoints between levels, with its sigma fitted on valid.
    Source: Koren, Factor in the Neighbors (2010), section 2.1: the least squares problem, solved by alternation.
    """
    scale, train = fold.scale, fold.train
    ratings = np.asarray(scale.values)[train.level]
    mean = float(ratings.mean())
    users, items = np.zeros(fold.ratings.n_users), np.zeros(fold.ratings.n_items)
    for _ in range(ROUNDS):
        items = _shrunken_means(train.item, ratings - mean - users[train.user], len(items), ITEM_SHRINKAGE)
        users = _shrunken_means(train.user, ratings - mean - items[train.item], len(users), USER_SHRINKAGE)

    def points(part: Part) -> NDArray[np.float64]:
        return np.clip(mean + users[part.user] + items[part.item], scale.values[0], scale.values[-1])

    sigma = fit_sigma(points(fold.valid), fold.valid.level, scale)

    def prediction(part: Part) -> Prediction:
        at = points(part)
        return Prediction(scale, at.astype(np.float32), normal_over_levels(at, sigma, scale).astype(np.float32))

    return prediction, 1 + len(users) + len(items)


BASELINES: dict[str, Callable[[Fold], tuple[Predictor, int]]] = {"constant": constant, "bias": bias}
"""Name to the function that fits it."""


def _shrunken_means(codes: NDArray[np.int32], residuals: NDArray[np.float64], n: int, shrinkage: float) -> NDArray[np.float64]:
    """The mean residual of each code, (n,), averaged with ``shrinkage`` further zeros; 0 where a code does not occur.

    >>> _shrunken_means(np.array([1, 1], dtype=np.int32), np.array([3.0, 6.0]), 3, 1.0).tolist()
    [0.0, 3.0, 0.0]
    """
    return np.asarray(np.bincount(codes, weights=residuals, minlength=n) / (np.bincount(codes, minlength=n) + shrinkage))
