"""The held-out ratings of a part of a fold, and what one trial predicts of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfce.predictions import Prediction
from cfce.splits import Fold


@dataclass(frozen=True, eq=False)
class HeldRows:
    """The ratings of one held-out part: ids in the source (n,), and the observed levels (n,) uint8.

    ``time`` is in seconds since 1970, (n,) int64, or None where the source has no timestamps.
    """

    user: NDArray[Any]
    item: NDArray[Any]
    level: NDArray[np.uint8]
    time: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.level)

    @classmethod
    def of_fold(cls, fold: Fold) -> "dict[str, HeldRows]":
        """The held-out parts of a fold that have ratings, valid before test."""
        ratings = fold.ratings
        found = {}
        for part in fold.held_out:
            rows = fold.rows(part)
            user, item = ratings.user_ids[ratings.user[rows] - 1], ratings.item_ids[ratings.item[rows] - 1]
            time = None if ratings.timestamp is None else np.asarray(ratings.timestamp[rows])
            found[part] = cls(user, item, np.asarray(ratings.level[rows]), time)
        return found

    def predicted(self, part: str, prediction: Prediction) -> "HeldOut":
        """These ratings with what a trial predicts of them."""
        return HeldOut(part, self.user, self.item, self.level, prediction, self.time)


@dataclass(frozen=True, eq=False)
class HeldOut:
    """One part's predictions of one trial, beside the observed levels: ids (n,), levels (n,) uint8, n predictions.

    ``time`` is as in ``HeldRows``.
    """

    part: str
    user: NDArray[Any]
    item: NDArray[Any]
    level: NDArray[np.uint8]
    prediction: Prediction
    time: NDArray[np.int64] | None = None

    @property
    def rows(self) -> HeldRows:
        """The ratings without the predictions."""
        return HeldRows(self.user, self.item, self.level, self.time)
