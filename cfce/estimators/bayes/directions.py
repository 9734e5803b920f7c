"""The directions that prior means of rows lie in: what implicit feedback says, at first alone, then with what was learnt.

At first they are those of ``implicit_directions``: two users are alike where they rated the same items. The eigenvalues are
raised to a power above 1, which trusts the first directions more. During burn-in, once items have vectors, each user gets
features too: the sum of the vectors of the items that the user rated, over the root of the number of ratings; and items alike.
The prior covariance of two rows is then a mixture of both. So what an item says of its users depends on its own vector, as in
Paterek, Improving Regularized Singular Value Decomposition for Collaborative Filtering, KDD Cup (2007).

The features are estimates from the ratings of train, taken as known: the prior is an empirical one, fixed before burn-in ends.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from cfce.estimators.bayes.layout import Layout
from cfce.models.feedback import implicit_directions

COLUMN_POWER = 0.25
"""A rating counts n^-COLUMN_POWER where n users rated the item: whom a rare item brings together says more."""
SHARPNESS = 1.5
"""The power of the eigenvalues, the first of which stays."""
LEARNT = 0.3
"""The share of the learnt features in the mixture."""

Pairs = tuple[NDArray[np.float32], NDArray[np.float64]]
"""Directions (n, r) of length 1, and the variance along each, (r,)."""


@dataclass(frozen=True, eq=False)
class Directions:
    """What both sides' priors know of implicit feedback; of rank 0 where it is not used."""

    user: Pairs
    item: Pairs

    @classmethod
    def of(cls, layout: Layout, rank: int, rng: np.random.Generator) -> "Directions":
        """The top ``rank`` directions of train's users and of its items; the row of the unseen is in neither."""
        n_users, n_items = layout.n_users, layout.n_items
        if rank == 0:
            none = np.zeros(0)
            return cls((np.zeros((n_users, 0), np.float32), none), (np.zeros((n_items, 0), np.float32), none))
        return cls(
            _sharp(*implicit_directions(layout.user_start[:-1], layout.item, n_items, rank, rng, COLUMN_POWER)),
            _sharp(*implicit_directions(layout.item_start[:-1], layout.user, n_users, rank, rng, COLUMN_POWER)),
        )


def _sharp(vectors: NDArray[np.float32], values: NDArray[np.float64]) -> Pairs:
    return vectors, values[0] * (values / values[0]) ** SHARPNESS


def learnt(pairs: Pairs, start: NDArray[np.int64], other: NDArray[np.int32], others: NDArray[np.float32]) -> Pairs:
    """The directions of (1 - LEARNT) V diag(d) V' + LEARNT F F', as many as V has.

    F (n, D) are the sums of the ``others`` (m, D) that each of the n rows met in train, over the roots of their numbers, less
    their mean and to a mean squared norm of 1. What a row met twice counts twice.
    """
    vectors, values = pairs
    met = csr_array((np.ones(len(other), np.float32), other, start), shape=(len(start) - 1, len(others)))
    features = (met @ others) / np.sqrt(np.maximum(np.diff(start), 1))[:, None].astype(np.float32)
    features -= features.mean(axis=0)
    features /= max(float(np.sqrt((features**2).sum() / len(features))), 1e-12)
    both = np.hstack([vectors * np.sqrt((1 - LEARNT) * values), features * np.sqrt(LEARNT)]).astype(np.float32)
    d, inner = np.linalg.eigh((both.T @ both).astype(np.float64))
    keep = np.flatnonzero(d > 1e-6 * d[-1])[::-1][: len(values)]
    return np.ascontiguousarray(both @ (inner[:, keep] / np.sqrt(d[keep])).astype(np.float32)), d[keep]
