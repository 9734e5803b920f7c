"""What the scripts of myFM share: one-hot users and items, as a matrix with two ones a row."""

import numpy as np
from _folder import Trial
from scipy.sparse import csr_matrix


def one_hot(trial: Trial) -> tuple[csr_matrix, csr_matrix, list[int]]:
    """The matrices of train and held-out pairs, (N, users + items), and the sizes of the two groups of columns.

    A user or item that train lacks has no one in its group.
    """
    codes = [{one: code for code, one in enumerate(sorted(trial.train[what].unique()))} for what in ("user", "item")]
    sizes = [len(known) for known in codes]

    def matrix(table) -> csr_matrix:
        rows, columns = [], []
        for known, what, start in zip(codes, ("user", "item"), (0, sizes[0]), strict=True):
            at = table[what].map(known)
            rows.append(np.flatnonzero(at.notna()))
            columns.append(at.dropna().to_numpy(dtype=np.int64) + start)
        where = (np.concatenate(rows), np.concatenate(columns))
        return csr_matrix((np.ones(len(where[0])), where), shape=(len(table), sum(sizes)))

    return matrix(trial.train), matrix(trial.held), sizes
