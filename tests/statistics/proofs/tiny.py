"""Studies without any difference whose test parts are tiny: two equal predictors, a few ratings by a few users in each split."""

import numpy as np
from numpy.typing import NDArray

from bench.statistics.estimate import Estimate, estimate
from bench.statistics.users import effective_users


def tiny_study(n_splits: int, n_ratings: int, kind: str, rng: np.random.Generator, n_replicates: int = 300) -> Estimate:
    """One such study: ``kind`` is ``'hits'`` (0 or 1), ``'errors'`` (smooth) or ``'rare'`` (one rating in ten differs).

    A user prefers either predictor a little in every split, and training adds noise to every split.
    """
    n_users = max(2, n_ratings // 6)
    share = rng.dirichlet(np.full(n_users, 1.5))
    preference = rng.normal(0, 0.05, n_users)
    counts, sums = np.zeros((n_splits, n_users)), np.zeros((n_splits, n_users))
    for split in range(n_splits):
        users = rng.choice(n_users, n_ratings, p=share)
        loss = _losses(kind, preference[users], rng)
        counts[split] = np.bincount(users, minlength=n_users)
        sums[split] = np.bincount(users, loss, minlength=n_users)
    weights = rng.multinomial(n_users, np.full(n_users, 1 / n_users), size=n_replicates).astype(np.float64)
    replicates = (weights @ sums.T) / np.maximum(weights @ counts.T, 1)
    return estimate(
        sums.sum(1) / counts.sum(1), np.arange(n_splits), np.arange(n_splits), replicates, effective_users(counts.sum(axis=0))
    )


def _losses(kind: str, preference: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    n = len(preference)
    if kind == "errors":
        return preference + rng.normal(0, 0.3, n)
    if kind == "rare":
        return np.where(rng.random(n) < 0.1, rng.choice([-0.1, 0.1], n), 0.0)
    chance = 0.5 + preference / 4
    return (rng.random(n) < chance).astype(float) - (rng.random(n) < 1 - chance)
