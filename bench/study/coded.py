"""Distributions in two bytes a level: the fourth root of each probability in 32,767 steps, one level left out.

A step of the root is finest, relative to the probability, where probabilities are large: 0.3 is kept within 9e-5 of itself,
0.0001 within 7e-4. The level that is left out is what the others leave of 1. A rating whose coded distribution would be read
otherwise is not coded, and its probabilities are kept as they are: with another mode, median, nearest level of the mean or bin
of calibration, with another rank among the ratings of its user, or with a log probability of the observed level that differs by
more than ``TOLERANCE``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfce.metrics.calibration import N_BINS
from cfce.metrics.cumulative import cumulative
from cfce.predictions import DECODERS, Prediction
from cfce.scale import RatingScale

STEPS = 32_767
TOLERANCE = 5e-4
"""Nats by which the log probability of the observed level may differ after coding."""
CHUNK = 1 << 16
"""Ratings coded at a time."""

_FOURTH_POWERS = (np.arange(STEPS + 1) / STEPS) ** 4


@dataclass(frozen=True, eq=False)
class Coded:
    """N distributions over K levels as codes."""

    left_out: int
    """The level without a code: the one that is most probable on average."""
    codes: NDArray[np.uint16]
    """Of the other levels, in their order, (N, K - 1)."""
    uncoded: NDArray[np.bool_]
    """The ratings whose probabilities are to be kept as they are, (N,)."""


def encode(probabilities: NDArray[np.float32], level: NDArray[np.uint8], scale: RatingScale, user: NDArray[np.integer]) -> Coded:
    """The codes of N distributions (N, K), and which of them codes would change too much.

    ``level`` (N,) was observed; ``user`` (N,) is a number for each user and part, whose ratings are ranked among themselves.
    """
    n, k = probabilities.shape
    left_out = int(probabilities.mean(axis=0, dtype=np.float64).argmax())
    codes, uncoded = np.empty((n, k - 1), dtype=np.uint16), np.empty(n, dtype=bool)
    for start in range(0, n, CHUNK):
        rows = slice(start, start + CHUNK)
        true = probabilities[rows]
        roots = np.sqrt(np.sqrt(np.delete(true, left_out, axis=1).clip(0, 1).astype(np.float64)))
        codes[rows] = np.rint(roots * STEPS)
        uncoded[rows] = _differ(true, decode(codes[rows], left_out), level[rows], scale)
    _keep_ranks(probabilities, codes, left_out, uncoded, scale, user)
    return Coded(left_out, codes, uncoded)


def decode(codes: NDArray[np.uint16], left_out: int) -> NDArray[np.float32]:
    """The distributions, (N, K), of codes (N, K - 1).

    >>> decode(np.array([[32767, 0], [0, 0]], dtype=np.uint16), left_out=1).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    n, k = codes.shape[0], codes.shape[1] + 1
    found = np.empty((n, k), dtype=np.float32)
    others = [one for one in range(k) if one != left_out]
    for start in range(0, n, CHUNK):
        rows = slice(start, start + CHUNK)
        powers = _FOURTH_POWERS[codes[rows].T]  # (K - 1, n): a sum over a few levels is slow along rows
        for level, power in zip(others, powers, strict=True):
            found[rows, level] = power
        found[rows, left_out] = (1 - powers.sum(axis=0)).clip(0, 1)
    return found


def _keep_ranks(
    true: NDArray[np.float32],
    codes: NDArray[np.uint16],
    left_out: int,
    uncoded: NDArray[np.bool_],
    scale: RatingScale,
    user: NDArray[np.integer],
) -> None:
    """Mark ratings in ``uncoded`` until each user's ratings are ranked by their means as before, ties included."""
    means = Prediction(scale, None, true).decode("mean")
    order = np.lexsort((means, user))
    alike = user[order][1:] == user[order][:-1]
    true_steps = np.sign(np.diff(means[order]))
    kept = decode(codes, left_out)
    while True:
        kept[uncoded] = true[uncoded]
        steps = np.sign(np.diff(Prediction(scale, None, kept).decode("mean")[order]))
        wrong = np.flatnonzero(alike & (steps != true_steps))
        before = int(uncoded.sum())
        uncoded[order[wrong]] = uncoded[order[wrong + 1]] = True
        if int(uncoded.sum()) == before:
            return


def _differ(
    true: NDArray[np.floating], coded: NDArray[np.float32], level: NDArray[np.uint8], scale: RatingScale
) -> NDArray[np.bool_]:
    """The ratings that are read otherwise from codes, (n,)."""
    at = np.arange(len(level))
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.abs(np.log(true[at, level].astype(np.float64)) - np.log(coded[at, level].astype(np.float64)))
    differ = ~((gap <= TOLERANCE) | (true[at, level] == coded[at, level]))
    one, other = Prediction(scale, None, true), Prediction(scale, None, coded)
    for decoder in DECODERS:
        differ |= one.levels(decoder) != other.levels(decoder)
    for one_below, other_below in zip(cumulative(true).T[:-1], cumulative(coded).T[:-1], strict=True):  # each (n,)
        differ |= (one_below * N_BINS).astype(np.intp) != (other_below * N_BINS).astype(np.intp)
    return np.asarray(differ)
