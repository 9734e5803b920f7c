"""The compiled loop that draws users' moods over time. Importing this file imports numba and compiles, or reads the cache."""

import math

from numba import types

from cfce.engines.compiled import compiled

_VALUES = types.float32[::1]
_DOUBLES = types.float64[::1]
TIED = 1e-9
"""Share of the variance that is new, below which two moments count as one."""


@compiled(
    types.void(
        types.int64, types.int64, types.int64[::1], types.int32[::1], _VALUES, _VALUES, _VALUES, types.float64, _VALUES,
        _VALUES, _VALUES, _VALUES, _DOUBLES, _DOUBLES,
    )
)  # fmt: skip
def draw_moods(  # type: ignore[no-untyped-def]
    first, last, start, place, decay, residual, precision, variance, normals, mean, spread, mood, squares, counts
):
    """Draw the moods of the users ``first`` to ``last`` at all their moments: a Kalman filter, then back by sampling.

    Moments ``start[u]`` to ``start[u + 1]`` are in the order of time; ``place`` says where a moment's values lie in
    ``residual``, ``precision``, ``normals`` and ``mood``, and ``decay`` is the correlation with the moment before, 0 for the
    first. A mood is N(0, ``variance``) at any moment, and a residual is it plus noise; a precision of 0 is a moment without a
    rating. ``mean`` and ``spread`` are room to work in. Squares of what is new at a moment, over the share of the variance that
    is, and how many such moments there are, are written to ``squares`` and ``counts`` (n_users,).
    Carter and Kohn, On Gibbs Sampling for State Space Models, Biometrika 81(3) (1994).
    """
    for u in range(first, last):
        m = 0.0
        p = variance
        for k in range(start[u], start[u + 1]):
            rho = float(decay[k])
            m = rho * m
            p = rho * rho * p + variance * (1 - rho * rho)
            w = precision[place[k]]
            p = p / (1 + p * w)
            m += p * w * (residual[place[k]] - m)
            mean[k] = m
            spread[k] = p
        total = 0.0
        count = 0
        x = 0.0
        for k in range(start[u + 1] - 1, start[u] - 1, -1):
            m = float(mean[k])
            p = float(spread[k])
            if k + 1 < start[u + 1]:
                rho = float(decay[k + 1])
                ahead = rho * rho * p + variance * (1 - rho * rho)
                gain = rho * p / ahead
                m += gain * (x - rho * m)
                p = max(p - gain * rho * p, 0.0)
            now = m + math.sqrt(p) * normals[place[k]]
            if k + 1 < start[u + 1] and 1 - rho * rho > TIED:
                total += (x - rho * now) ** 2 / (1 - rho * rho)
                count += 1
            x = now
            mood[place[k]] = x
        if start[u + 1] > start[u]:
            total += x * x
            count += 1
        squares[u] = total
        counts[u] = count
