"""Ratings whose truth is known: factors, biases and thresholds from a seed, and so the best score that any model can reach.

A rating of item i by user u is drawn from the cumulative-link model
``P(level <= k) = sigmoid((threshold_k - mean_ui) / NOISE)`` with ``mean_ui = CENTRE + user_bias_u + item_bias_i + p_u . q_i``
(P. McCullagh, "Regression Models for Ordinal Data", JRSS B 42(2), 1980). Users and items are drawn evenly, so a pair
may come twice.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cfce.errors import UserError
from cfce.predictions import Prediction
from cfce.ratings import UNKNOWN
from cfce.scale import RatingScale
from cfce.seeds import stream

SCALE = RatingScale((1, 2, 3, 4, 5))
SEED = 0
RANK = 4
"""Latent factors of a user and of an item."""
CENTRE = 3.55
"""Mean of the means: with the spreads below, the levels come about as often as in MovieLens 100k."""
BIAS_SPREAD = 0.4
"""Standard deviation of the user biases, and of the item biases."""
FACTOR_SPREAD = 0.47
"""Standard deviation of each factor: the products p_u . q_i have RANK**0.5 x FACTOR_SPREAD**2 = 0.44."""
NOISE = 0.42
"""Scale of the logistic noise around the mean, in ratings; its standard deviation is NOISE x pi / 3**0.5 = 0.76."""
CHUNK = 1 << 16
"""Ratings drawn at a time: what is in memory at once."""


@dataclass(frozen=True)
class BayesLimit:
    """The best that any prediction can expect on given (user, item) pairs, each score with its own best decoder."""

    rmse: float
    accuracy: float
    nll: float


@dataclass(frozen=True, eq=False)
class SyntheticTruth:
    """The known model behind ``synthetic-N``: biases (n,) and factors (n, RANK) of users and items."""

    user_bias: NDArray[np.float64]
    item_bias: NDArray[np.float64]
    user_factors: NDArray[np.float64]
    item_factors: NDArray[np.float64]

    def means(self, user: ArrayLike, item: ArrayLike) -> NDArray[np.float64]:
        """The mean of the latent rating of each (user, item) pair of codes from 1, (N,).

        Raises ``UserError`` for a code that the truth does not have, such as that of the unknown: take the codes
        from ``fold.ratings`` at the rows of the part, where none is hidden.
        """
        rows = []
        for what, codes, bias in (("user", user, self.user_bias), ("item", item, self.item_bias)):
            codes = np.asarray(codes)
            if codes.size and (codes.min() <= UNKNOWN or codes.max() > len(bias)):
                raise UserError(f"{what} codes {codes.min()} to {codes.max()} came; the truth has the codes 1 to {len(bias)}")
            rows.append(codes - 1)
        users, items = rows
        mean = CENTRE + self.user_bias[users] + self.item_bias[items]
        for factor in range(RANK):  # one product after the other: the same sum on every machine
            mean += self.user_factors[users, factor] * self.item_factors[items, factor]
        return np.asarray(mean)

    def distribution(self, user: ArrayLike, item: ArrayLike) -> NDArray[np.float64]:
        """The true probability of each level for each pair of codes, (N, K)."""
        below = 1 / (1 + np.exp((self.means(user, item)[:, None] - SCALE.midpoints) / NOISE))  # (N, K-1)
        return np.diff(below, axis=1, prepend=0.0, append=1.0)

    def draw(self, user: ArrayLike, item: ArrayLike, rng: np.random.Generator) -> NDArray[np.uint8]:
        """One level for each pair, (N,), drawn from its distribution."""
        mean = self.means(user, item)
        noise = rng.logistic(scale=NOISE, size=len(mean))
        return np.searchsorted(SCALE.midpoints, mean + noise, side="left").astype(np.uint8)

    def predict(self, user: ArrayLike, item: ArrayLike) -> Prediction:
        """The true distribution as a prediction, to be scored on drawn ratings like any other."""
        return Prediction(SCALE, probabilities=self.distribution(user, item).astype(np.float32))

    def limit(self, user: ArrayLike, item: ArrayLike) -> BayesLimit:
        """The best expected scores on these pairs: root of the mean variance, mean of the highest probability, mean entropy."""
        variance = best = entropy = 0.0
        user, item = np.asarray(user), np.asarray(item)
        if not len(user):
            raise UserError("no (user, item) pairs came; a limit is a mean over at least one")
        values = np.asarray(SCALE.values)
        for start in range(0, len(user), CHUNK):
            p = self.distribution(user[start : start + CHUNK], item[start : start + CHUNK])
            variance += float((p @ values**2 - (p @ values) ** 2).sum())
            best += float(p.max(axis=1).sum())
            entropy -= float((p * np.log(np.maximum(p, 1e-300))).sum())
        return BayesLimit((variance / len(user)) ** 0.5, best / len(user), entropy / len(user))


def n_of_each(n: int) -> int:
    """How many users, and how many items, N ratings are drawn over: 3 x N**0.5, so that a user has N**0.5 / 3 ratings.

    Ratings a user and ratings an item grow with N, so a model can come as near to the limit as N is large.

    >>> n_of_each(100_000), n_of_each(10_000_000)
    (949, 9487)
    """
    return round(3 * math.sqrt(n))


def load_truth(n: int) -> SyntheticTruth:
    """The truth behind ``synthetic-N``.

    >>> truth = load_truth(100_000)
    >>> truth.distribution([1], [1]).sum(axis=1).round(6).tolist()
    [1.0]
    """
    rng, size = stream(SEED, "synthetic truth"), n_of_each(n)
    return SyntheticTruth(
        rng.normal(0, BIAS_SPREAD, size),
        rng.normal(0, BIAS_SPREAD, size),
        rng.normal(0, FACTOR_SPREAD, (size, RANK)),
        rng.normal(0, FACTOR_SPREAD, (size, RANK)),
    )
