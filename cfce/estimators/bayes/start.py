"""Where a chain starts: damped mean biases, and the top singular vectors of what they leave."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from cfce.estimators.bayes.layout import Layout

USER_DAMPING, ITEM_DAMPING = 3.0, 5.0
SPREAD = 0.3
"""Root mean square of the factors at the start."""
ROUNDS = 5


def start_rows(
    layout: Layout, values: NDArray[np.float32], n_factors: int, width: int, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Rows of users (n_users + 1, width) and items (n_items + 1, width): factors first, zeros, and the bias last.

    ``values`` (n,) are latent values in the order of the users. Residuals are divided by the root of (n_u + 5) (n_i + 5),
    so that rows of few ratings do not fill the vectors; these by subspace iteration.
    """
    n_users, n_items = layout.n_users + 1, layout.n_items + 1
    n_of_user, n_of_item = np.diff(layout.user_start), np.diff(layout.item_start)
    user = np.repeat(np.arange(n_users, dtype=np.int32), n_of_user)
    user_bias, item_bias = np.zeros(n_users), np.zeros(n_items)
    for _ in range(3):
        item_bias = np.bincount(layout.item, values - user_bias[user], n_items) / (n_of_item + ITEM_DAMPING)
        user_bias = np.bincount(user, values - item_bias[layout.item], n_users) / (n_of_user + USER_DAMPING)
    rest = values - user_bias[user] - item_bias[layout.item]
    rest /= np.sqrt((n_of_user[user] + 5.0) * (n_of_item[layout.item] + 5.0))
    matrix = csr_array((rest.astype(np.float32), layout.item, layout.user_start), shape=(n_users, n_items))
    transposed = matrix.T.tocsr()
    size = min(n_factors + 10, n_users, n_items)
    basis = rng.standard_normal((n_users, size), dtype=np.float32)
    for _ in range(ROUNDS):
        basis = np.linalg.qr(matrix @ (transposed @ basis))[0]
    half = transposed @ basis
    inner = np.linalg.eigh(half.T @ half)[1][:, ::-1][:, :n_factors]
    rows = np.zeros((n_users, width), dtype=np.float32)
    others = np.zeros((n_items, width), dtype=np.float32)
    for table, vectors, bias in ((rows, basis @ inner, user_bias), (others, half @ inner, item_bias)):
        norm = np.sqrt((vectors**2).mean(axis=0))
        table[:, : inner.shape[1]] = SPREAD * vectors / np.maximum(norm, 1e-12)
        table[:, -1] = bias
    return rows, others
