"""The main directions of implicit feedback: which items a user rated in train, whatever the rating."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from cfce.splits import Part

OVERSAMPLING = 20
"""Directions beside those that are asked for, which make the iteration converge sooner."""
ROUNDS = 5
POWER = 0.25
"""A row with n entries is weighted by n^-POWER, so that long rows do not fill the directions alone."""


def implicit_directions(
    start: NDArray[np.int64],
    other: NDArray[np.int32],
    n_others: int,
    rank: int,
    rng: np.random.Generator,
    column_power: float = 0.0,
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """The top eigenvectors (n, rank) and eigenvalues (rank,) of X X'; X is the binary matrix of train, (n, n_others).

    Rows of X are scaled by |N|^-POWER, columns by |N|^-``column_power``, and then the rows that have entries to a mean squared
    norm of 1. Eigenvalues of nearly 0 are left out. By subspace iteration: Halko, Martinsson and Tropp, Finding Structure with
    Randomness, SIAM Review 53(2) (2011), algorithms 4.4 and 5.3.
    """
    n = len(start) - 1
    x = csr_array((np.ones(len(other), dtype=np.float32), other, start), shape=(n, n_others), copy=True)
    x.sum_duplicates()  # a pair that comes twice is one entry
    counts = np.diff(x.indptr)
    x.data[:] = np.repeat(np.maximum(counts, 1).astype(np.float32) ** -POWER, counts)
    if column_power:
        x.data *= np.bincount(x.indices, minlength=n_others)[x.indices].astype(np.float32) ** -column_power
    x.data /= np.sqrt((x.data.astype(np.float64) ** 2).sum() / max(int((counts > 0).sum()), 1))
    width = min(rank + OVERSAMPLING, n, n_others)
    transposed = x.T.tocsr()
    basis = rng.standard_normal((n, width), dtype=np.float32)
    for _ in range(ROUNDS):
        basis = np.linalg.qr(x @ (transposed @ basis))[0]
    half = transposed @ basis
    d, inner = np.linalg.eigh((half.T @ half).astype(np.float64))
    keep = np.flatnonzero(d > 1e-6 * d[-1])[::-1][:rank]
    return np.ascontiguousarray(basis @ inner[:, keep].astype(np.float32)), d[keep]


def feedback_features(
    train: Part, n_users: int, n_items: int, rank: int, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What each user's and each item's feedback in train looks like: (n_users, rank) and (n_items, rank), by code.

    Each direction is an eigenvector times the root of its eigenvalue, so that the product of two rows says how much feedback
    they share. A user or an item that train lacks, and directions beyond those that there are, have zeros.
    """
    n = len(train)
    cells = (np.ones(n, dtype=np.float32), (train.user, train.item))
    matrix = csr_array(cells, shape=(n_users, n_items))  # sums pairs that come twice; implicit_directions sees one entry
    features = []
    for rows in (matrix, matrix.T.tocsr()):
        start, other = rows.indptr.astype(np.int64), rows.indices.astype(np.int32)
        vectors, values = implicit_directions(start, other, rows.shape[1], rank, rng)
        table = np.zeros((rows.shape[0], rank), dtype=np.float32)
        table[:, : len(values)] = vectors * np.sqrt(values).astype(np.float32)
        features.append(table)
    return features[0], features[1]
