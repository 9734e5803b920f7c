"""The compiled loop that draws the rows of users or items: a normal posterior each, solved in lanes of many rows.

Importing this file imports numba and compiles, or reads the cache. The matrix of one row's ratings is multiplied by BLAS; the
Cholesky factors of ``LANES`` rows are then taken together, one row to a lane, because vector instructions over rows have
work where those within a row of 16 numbers have not.
"""

import numpy as np
from numba import types

from cfce.engines.compiled import compiled

LANES = 64
"""Rows solved together. Rows are shared among threads in whole groups, so that a row is always in the same lane."""
PANEL = 4
"""Columns eliminated together; the width of the rows is a multiple of it."""
CHUNK = 512
"""Ratings of one row multiplied at a time."""

_F = np.float32
_FAST = {"contract", "arcp", "afn", "reassoc", "nsz"}
_CODES = types.int32[::1]
_VALUES = types.float32[::1]
_ROWS = types.float32[:, ::1]


@compiled(types.void(_VALUES, types.uint64, types.uint64), fastmath=_FAST)
def cholesky(matrix, width, lanes):  # type: ignore[no-untyped-def]
    """Factor the matrices in place, (width, width, lanes) flat, lower triangles; diagonals become 1 / L_kk.

    Right-looking, four columns at a time: Golub and Van Loan, Matrix Computations (2013), section 4.2.
    """
    one = np.uint64(1)
    panel = np.uint64(PANEL)
    for k0 in range(np.uint64(0), width, panel):
        k1 = k0 + panel
        for k in range(k0, k1):
            d = (k * width + k) * lanes
            for lane in range(lanes):
                matrix[d + lane] = _F(1) / np.sqrt(matrix[d + lane])
            for i in range(k + one, width):
                o = (i * width + k) * lanes
                for lane in range(lanes):
                    matrix[o + lane] *= matrix[d + lane]
            for j in range(k + one, k1):
                c = (j * width + k) * lanes
                for i in range(j, width):
                    o = (i * width + j) * lanes
                    a = (i * width + k) * lanes
                    for lane in range(lanes):
                        matrix[o + lane] -= matrix[a + lane] * matrix[c + lane]
        for i in range(k1, width):
            a0 = (i * width + k0) * lanes
            a1 = a0 + lanes
            a2 = a1 + lanes
            a3 = a2 + lanes
            for j in range(k1, i + one):
                o = (i * width + j) * lanes
                c0 = (j * width + k0) * lanes
                c1 = c0 + lanes
                c2 = c1 + lanes
                c3 = c2 + lanes
                for lane in range(lanes):
                    matrix[o + lane] -= (
                        matrix[a0 + lane] * matrix[c0 + lane]
                        + matrix[a1 + lane] * matrix[c1 + lane]
                        + matrix[a2 + lane] * matrix[c2 + lane]
                        + matrix[a3 + lane] * matrix[c3 + lane]
                    )


@compiled(types.void(_VALUES, _VALUES, _VALUES, types.uint64, types.uint64), fastmath=_FAST)
def solve(factor, right, normals, width, lanes):  # type: ignore[no-untyped-def]
    """Turn the right sides, (width, lanes) flat, into draws from N(P^-1 right, P^-1), with P = L L' factored before.

    L' x = L^-1 right + normals: the mean and the noise share one back substitution.
    """
    one = np.uint64(1)
    for k in range(width):
        h = k * lanes
        d = (k * width + k) * lanes
        for lane in range(lanes):
            right[h + lane] *= factor[d + lane]
        for i in range(k + one, width):
            o = (i * width + k) * lanes
            g = i * lanes
            for lane in range(lanes):
                right[g + lane] -= factor[o + lane] * right[h + lane]
    for back in range(width):
        k = width - one - back
        h = k * lanes
        d = (k * width + k) * lanes
        for lane in range(lanes):
            right[h + lane] += normals[h + lane]
        for lane in range(lanes):
            right[h + lane] *= factor[d + lane]
        for i in range(k):
            o = (k * width + i) * lanes
            g = i * lanes
            for lane in range(lanes):
                right[g + lane] -= factor[o + lane] * right[h + lane]


@compiled(
    types.void(
        types.int64, types.int64, types.int64[::1], _CODES, _CODES, types.boolean, _VALUES,
        _VALUES, _VALUES, _ROWS, _ROWS, _ROWS, _ROWS,
    ),
    fastmath=_FAST,
)  # fmt: skip
def draw_rows(  # type: ignore[no-untyped-def]
    first, last, start, other, at, ordered, latent, weight, other_weight, others, right_prior, precision, rows
):
    """Draw the rows ``first`` to ``last`` from their normal conditionals; ``rows`` (n, W) holds normal numbers at first.

    A rating has latent value z = <row, (q, 1)> + c + noise / (weight * other_weight), with the other side's factors q and bias
    c, which is the last column of ``others``. The prior is N(m, precision^-1), and ``right_prior`` (n, W) = m precision.
    ``latent`` is read in the order of these rows where ``ordered``, and else through ``at``.
    """
    width = rows.shape[1]
    bias = width - 1
    design = np.empty((CHUNK, width), dtype=np.float32)
    target = np.empty(CHUNK, dtype=np.float32)
    gram = np.empty((width, width), dtype=np.float32)
    total = np.empty((width, width), dtype=np.float32)
    h = np.empty(width, dtype=np.float32)
    part = np.empty(width, dtype=np.float32)
    matrix = np.empty(width * width * LANES, dtype=np.float32)
    right = np.empty(width * LANES, dtype=np.float32)
    normals = np.empty(width * LANES, dtype=np.float32)
    for group in range(first, last, LANES):
        n = min(LANES, last - group)
        for lane in range(LANES):
            r = min(group + lane, last - 1)  # the last group fills its lanes with its last row
            for a in range(width):
                h[a] = right_prior[r, a]
                normals[a * LANES + lane] = rows[r, a]
                for b in range(width):
                    total[a, b] = precision[a, b]
            if lane < n:
                for begin in range(start[r], start[r + 1], CHUNK):
                    c = min(CHUNK, start[r + 1] - begin)
                    for t in range(c):
                        j = other[begin + t]
                        q = weight[r] * other_weight[j]
                        z = latent[begin + t] if ordered else latent[at[begin + t]]
                        target[t] = (z - others[j, bias]) * q
                        for a in range(width):
                            design[t, a] = others[j, a] * q
                        design[t, bias] = q
                    np.dot(design[:c].T, design[:c], gram)
                    np.dot(target[:c], design[:c], part)
                    for a in range(width):
                        h[a] += part[a]
                        for b in range(width):
                            total[a, b] += gram[a, b]
            for a in range(width):
                right[a * LANES + lane] = h[a]
                for b in range(a + 1):
                    matrix[(a * width + b) * LANES + lane] = total[a, b]
        cholesky(matrix, np.uint64(width), np.uint64(LANES))
        solve(matrix, right, normals, np.uint64(width), np.uint64(LANES))
        for lane in range(n):
            for a in range(width):
                rows[group + lane, a] = right[a * LANES + lane]
