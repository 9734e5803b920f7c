"""Trainings that were lost (failed, diverged, unreadable): a mean over the survivors is one over the lucky ones."""

import numpy as np
from numpy.typing import NDArray

from cfce.errors import UserError

MOST_LOST = 0.05
"""Share of lost trainings of either side above which no better or worse is said."""


def lost_share(scores: NDArray[np.floating]) -> float:
    """The share of n scores that are missing.

    >>> lost_share(np.array([1.0, np.nan, 1.0, 1.0]))
    0.25
    """
    return float(np.mean(~np.isfinite(scores))) if len(scores) else 0.0


def imputed(scores: NDArray[np.floating], worst: NDArray[np.floating]) -> NDArray[np.float64]:
    """Scores (..., n) with the missing ones replaced by those of the constant prediction on the same splits (n,).

    A training that is lost predicts nothing, and what needs no training is there for its user: the constant. Scores under
    resampled users (R, n) are imputed by the constant's under the same users.

    >>> imputed(np.array([0.9, np.nan]), np.array([1.1, 1.2])).tolist()
    [0.9, 1.2]
    """
    if np.shape(scores) != np.shape(worst):
        raise UserError(f"scores of shape {np.shape(scores)} came with a constant's of shape {np.shape(worst)}; they match")
    return np.where(np.isfinite(scores), scores, worst).astype(np.float64)
