"""Scores of order: whether a user's held-out ratings are ranked as the user rated them, whatever their values.

Ratings are ranked within each user by the mean of the prediction. Users whose held-out ratings are all alike say nothing of order
and are left out.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cfce.predictions import Prediction

Users = NDArray[np.integer]


def concordant_pairs(values: ArrayLike, levels: ArrayLike, users: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each user 0..max(users): the pairs of ratings that are ranked right, and the pairs of different levels.

    Of two ratings of one user with different levels, the higher one is to have the higher value; equal values count one half.

    >>> right, pairs = concordant_pairs([3.0, 2.0, 2.0], [4, 3, 1], [0, 0, 0])
    >>> right.tolist(), pairs.tolist()  # 4 over 3 and 4 over 1 are right, 3 and 1 are tied
    ([2.5], [3.0])
    """
    n_users, _, values, levels, users = _by_user(values, levels, users)
    order = _within_users(values, users)
    values, levels = values[order], levels[order]
    first, after = _ends(users[1:] != users[:-1])
    tied, untied = _ends((users[1:] != users[:-1]) | (values[1:] != values[:-1]))
    right, pairs = np.zeros(n_users), np.zeros(n_users)
    for level in np.unique(levels)[:-1]:  # the ratings of this level against those of their users that are higher
        before = np.concatenate([[0], np.cumsum(levels == level)])
        at = np.flatnonzero(levels > level)
        lower = before[tied[at]] - before[first[at]]
        alike = before[untied[at]] - before[tied[at]]
        right += np.bincount(users[at], weights=lower + alike / 2, minlength=n_users)
        pairs += np.bincount(users[at], weights=before[after[at]] - before[first[at]], minlength=n_users)
    return right, pairs


def _ends(changes: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Of each row, where its run of rows begins and where the next one does; ``changes`` is between neighbours.

    >>> _ends(np.array([False, True]))  # two rows, then one
    (array([0, 0, 2]), array([2, 2, 3]))
    """
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
    lengths = np.diff(starts, append=len(changes) + 1)
    return np.repeat(starts, lengths), np.repeat(starts + lengths, lengths)


def fcp(prediction: Prediction, level: NDArray[np.uint8], users: Users) -> float:
    """The fraction of concordant pairs: of all users' pairs of different ratings, the share that is ranked right; ties half.

    0.5 is the score of a constant. Source: Koren and Sill, Collaborative Filtering on Ordinal User Feedback (2013), section 5.2,
    where ties count as wrong.
    """
    right, pairs = concordant_pairs(prediction.decode("mean"), level, users)
    return float(right.sum() / pairs.sum()) if pairs.sum() else float("nan")


def user_ndcg(values: ArrayLike, levels: ArrayLike, users: ArrayLike, k: int = 10) -> NDArray[np.float64]:
    """NDCG@k of each user 0..max(users), (n_users,); NaN where a user's levels are all alike.

    The gain of a level is 2^level - 1, its discount log2(place + 1); places that are tied share the mean of their gains, so that
    no order of the rows matters (McSherry and Najork 2008). Sources: Järvelin and Kekäläinen (2002); Burges et al. (2005).

    >>> user_ndcg([2.0, 1.0], [0, 1], [0, 0]).round(4).tolist()  # the 1 stands second: 1 / log2(3) of the best
    [0.6309]
    >>> user_ndcg([1.0, 1.0], [0, 1], [0, 0]).round(4).tolist()  # tied: half of 1 + 0.6309
    [0.8155]
    """
    n_users, _, values, levels, users = _by_user(values, levels, users)
    if not n_users:
        return np.empty(0)
    gain = np.exp2(levels) - 1
    starts = np.flatnonzero(np.diff(users, prepend=-1))
    place = np.arange(len(users)) - np.repeat(starts, np.diff(starts, append=len(users)))
    discount = np.where(place < k, 1 / np.log2(place + 2.0), 0.0)
    ranked = _within_users(-values, users)
    new = (np.diff(users, prepend=-1) != 0) | (np.diff(values[ranked], prepend=np.inf) != 0)
    tie = np.cumsum(new) - 1
    shared = (np.bincount(tie, weights=gain[ranked]) / np.bincount(tie))[tie]
    reached = np.bincount(users, weights=shared * discount, minlength=n_users)
    best = np.bincount(users, weights=gain[_within_users(-gain, users)] * discount, minlength=n_users)
    found = np.full(n_users, np.nan)
    differ = users[starts[np.maximum.reduceat(gain, starts) > np.minimum.reduceat(gain, starts)]]
    found[differ] = reached[differ] / best[differ]
    return found


def ndcg_10(prediction: Prediction, level: NDArray[np.uint8], users: Users) -> float:
    """The mean NDCG@10 over the users whose held-out ratings differ."""
    found = user_ndcg(prediction.decode("mean"), level, users)
    there = found[np.isfinite(found)]
    return float(there.mean()) if there.size else float("nan")


def _by_user(
    values: ArrayLike, levels: ArrayLike, users: ArrayLike
) -> tuple[int, NDArray[np.intp], NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """The number of users, and the ratings sorted by user: their order, values, levels and users."""
    of = np.asarray(users, dtype=np.intp)
    order = _by_code(of)
    sort = (np.asarray(values, dtype=np.float64)[order], np.asarray(levels, dtype=np.float64)[order])
    return int(of.max()) + 1 if of.size else 0, order, *sort, of[order]


def _within_users(values: NDArray[np.float64], users: NDArray[np.intp]) -> NDArray[np.intp]:
    """The order by user, and of each user's ratings by value; equal values in any order."""
    order = np.argsort(values)
    return np.asarray(order[_by_code(users[order])])


def _by_code(users: NDArray[np.intp]) -> NDArray[np.intp]:
    """The order by user, else as it was. Codes of 16 bits are sorted without comparisons, in a tenth of the time."""
    few = users.size and users.max() < 1 << 16
    return np.argsort(users.astype(np.uint16) if few else users, kind="stable")
