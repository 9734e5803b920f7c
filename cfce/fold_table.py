"""The ratings of a fold as a table, with the ids and ratings of the source."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cfce.scale import RatingScale
from cfce.splits import Fold

if TYPE_CHECKING:
    import pandas as pd


def fold_table(fold: Fold, part: str) -> "pd.DataFrame":
    """Columns user, item and rating of a part, in the order of the fold; whole ratings are integers."""
    import pandas as pd

    ratings, rows = fold.ratings, fold.rows(part)
    return pd.DataFrame(
        {
            "user": _ids(ratings.user_ids)[ratings.user[rows] - 1],
            "item": _ids(ratings.item_ids)[ratings.item[rows] - 1],
            "rating": rating_values(fold.scale)[ratings.level[rows]],
        }
    )


def rating_values(scale: RatingScale) -> NDArray[Any]:
    """The value of each level, (K,): integers where all are whole."""
    values = np.asarray(scale.values)
    return values.astype(np.int64) if (values == values.round()).all() else values


def _ids(ids: NDArray[Any]) -> NDArray[Any]:
    """A vocabulary that a column can hold: ids of several types as text."""
    if ids.dtype == object and len({type(one) for one in ids.tolist()}) > 1:
        return np.array([str(one) for one in ids.tolist()], dtype=object)
    return ids
