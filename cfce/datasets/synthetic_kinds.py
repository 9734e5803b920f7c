"""Drawn ratings of a known kind: what a Gaussian model describes exactly, and what needs thresholds for each user.

Both share the latent means of ``synthetic-N`` (biases and factors from a seed) with normal noise; they differ in how a latent
rating becomes a level. ``gaussian-N`` takes the nearest level. ``user-thresholds-N`` cuts at thresholds of the user's own,
shifted and stretched: one user's 3 is another's 4, and some use the ends of the scale more than others.
"""

import re

import numpy as np
from numpy.typing import NDArray

from cfce.datasets.dataset import Dataset, NoOptions, Place
from cfce.datasets.synthetic import CENTRE, SCALE, SEED, load_truth, n_of_each
from cfce.errors import UserError
from cfce.ratings import Ratings
from cfce.seeds import stream

SMALLEST, LARGEST = 100, 5_000_000
NOISE = 0.76
"""Standard deviation of the normal noise around the latent mean, in ratings."""
SHIFT = 0.35
"""Standard deviation of a user's shift of all thresholds, in ratings."""
STRETCH = 0.4
"""Standard deviation of the logarithm of a user's stretch of the thresholds around the centre."""


def kind_size(kind: str, name: str) -> int | None:
    """The N of ``KIND-N``, or None where ``name`` is another dataset's.

    >>> kind_size("gaussian", "gaussian-1000"), kind_size("gaussian", "ml-100k")
    (1000, None)
    """
    digits = name.removeprefix(f"{kind}-")
    if digits == name:
        return None
    if not re.fullmatch(r"[1-9][0-9]*", digits) or not SMALLEST <= int(digits) <= LARGEST:
        raise UserError(f"dataset '{name}' came; it is {kind}-N with N from {SMALLEST} to {LARGEST}")
    return int(digits)


def drawn(kind: str, n: int) -> Ratings:
    """N ratings of a kind; the same at every call."""
    rng, size = stream(SEED, f"{kind} ratings"), n_of_each(n)
    user, item = (rng.integers(1, size + 1, n, dtype=np.int32) for _ in range(2))
    latent = load_truth(n).means(user, item) + rng.normal(0, NOISE, n)
    level = SCALE.nearest(latent) if kind == "gaussian" else cut(latent, user, *user_thresholds(size))
    ids = np.arange(1, size + 1, dtype=np.int32)
    return Ratings(user, item, np.asarray(level, dtype=np.uint8), ids, ids, SCALE, f"{kind}-{n}")


def user_thresholds(n_users: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each user's shift and stretch, (n_users,) each."""
    rng = stream(SEED, "user thresholds")
    return rng.normal(0, SHIFT, n_users), np.exp(rng.normal(0, STRETCH, n_users))


def cut(
    latent: NDArray[np.float64], user: NDArray[np.int32], shift: NDArray[np.float64], stretch: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """The level of each latent rating, (n,), between thresholds ``CENTRE + shift + stretch x (midpoint - CENTRE)`` of its user.

    >>> cut(np.array([3.0, 3.0]), np.array([1, 2], dtype=np.int32), np.array([0.0, 1.0]), np.array([1.0, 1.0])).tolist()
    [2, 1]
    """
    thresholds = CENTRE + shift[:, None] + stretch[:, None] * (SCALE.midpoints - CENTRE)  # (users, K-1)
    return np.asarray((latent[:, None] > thresholds[user - 1]).sum(axis=1), dtype=np.uint8)


def _dataset(kind: str, description: str) -> Dataset:
    def load(name: str, options: NoOptions, place: Place) -> Ratings:
        n = kind_size(kind, name)
        assert n is not None
        return drawn(kind, n)

    return Dataset(f"{kind}-N", description, load, is_named=lambda dataset, name: kind_size(kind, name) is not None)


GAUSSIAN = _dataset("gaussian", "N drawn ratings of 1 to 5: normal around known means and rounded, as squared error assumes")
USER_THRESHOLDS = _dataset("user-thresholds", "N drawn ratings of 1 to 5: a latent value cut at thresholds of each user's own")
