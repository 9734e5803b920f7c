"""Normal priors of rows, with hyperparameters that are drawn: precision, mean, and a mean that depends on implicit feedback.

A row a = (factors, bias) is N(mu + V c, Lambda^-1), with the directions V and eigenvalues d of ``implicit_directions`` and
c_k ~ N(0, (d_k / lambda) Lambda^-1). Salakhutdinov and Mnih, Bayesian Probabilistic Matrix Factorization using Markov Chain
Monte Carlo (2008), section 3, is the case without V; the term V c makes it a Gaussian process over rows whose kernel says how
much of their feedback two rows share.
"""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def draw_wishart(degrees: float, scale: Matrix, rng: np.random.Generator) -> Matrix:
    """A draw of mean degrees x scale, (D, D), by the Bartlett decomposition (M. S. Bartlett, 1933)."""
    size = len(scale)
    lower = np.tril(rng.standard_normal((size, size)), -1)
    np.fill_diagonal(lower, np.sqrt(rng.chisquare(degrees - np.arange(size))))
    root = np.linalg.cholesky(scale) @ lower
    return np.asarray(root @ root.T)


def draw_normal(precision: Matrix, n: int, rng: np.random.Generator) -> Matrix:
    """Draws from N(0, precision^-1), as many rows as n, (n, D)."""
    root = np.linalg.cholesky(precision)
    return np.asarray(np.linalg.solve(root.T, rng.standard_normal((len(precision), n))).T)


class RowPrior:
    """The prior of the rows of one side and its hyperparameters; ``vectors`` (n, r) and ``values`` (r,) may have r = 0."""

    def __init__(self, vectors: NDArray[np.float32], values: Matrix, size: int) -> None:
        self.vectors, self.values = vectors, values
        self.size = size
        self.shift = np.zeros((len(values), size))
        self.mean = np.zeros((len(vectors), size), dtype=np.float32)
        self.ratio = 1.0

    def turn(self, vectors: NDArray[np.float32], values: Matrix) -> None:
        """Take other directions; of the present V c, what lies in them stays."""
        self.vectors, self.values = vectors, values
        shift = vectors.T @ self.mean
        self.shift, self.mean = shift.astype(np.float64), vectors @ shift

    def draw(self, rows: NDArray[np.float32], rng: np.random.Generator) -> tuple[NDArray[np.float32], Matrix, Matrix]:
        """Draw all hyperparameters given the rows (n, D): each row's V c (n, D), mu (D,), and Lambda (D, D)."""
        n, size, rank = len(rows), self.size, len(self.values)
        rest = rows - self.mean
        centre = rest.mean(axis=0, dtype=np.float64)
        rest -= centre.astype(np.float32)
        scatter = np.eye(size) + (rest.T @ rest).astype(np.float64)
        if rank:
            scatter += (self.shift.T * (self.ratio / self.values)) @ self.shift
        precision = draw_wishart(size + 1 + n + rank, np.asarray(np.linalg.inv(scatter), dtype=np.float64), rng)
        centre += draw_normal(precision * n, 1, rng)[0]
        if rank:
            squares = float(((self.shift @ precision) * self.shift).sum(axis=1) @ (1 / self.values))
            self.ratio = rng.gamma(1 + rank * size / 2) / (1 + squares / 2) if squares > 0 else 1.0
            share = self.values / (self.values + self.ratio)
            seen = self.vectors.T @ (rows - centre.astype(np.float32))
            self.shift = share[:, None] * seen + np.sqrt(share)[:, None] * draw_normal(precision, rank, rng)
            self.mean = self.vectors @ self.shift.astype(np.float32)
        return self.mean, centre, precision
