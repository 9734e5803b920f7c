"""What a protocol is: a named way of splitting ratings into train, valid and test."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfce.ratings import Ratings

Rows = NDArray[np.int32]
Split = Callable[[Ratings, int, np.random.Generator], tuple[Rows, Rows, Rows]]
"""(ratings, number of the fold, generator) to the row numbers of train, valid and test; no row twice, test may be empty."""


@dataclass(frozen=True)
class Protocol:
    """A named way of splitting.

    ``split`` raises ``UserError`` with the reason where the given ratings cannot be split this way.
    """

    name: str
    description: str
    """What it is for, in one line."""
    claim: str
    """What a verdict on it means, in one line."""
    split: Split
    n_folds: int | None = None
    """How many folds there are; None for any number, each an independent draw."""

    def stream_seed(self, fold: int) -> int:
        """The seed of the generator of a fold: one for each independent draw, and one for all folds of a partition."""
        return fold if self.n_folds is None else 0
