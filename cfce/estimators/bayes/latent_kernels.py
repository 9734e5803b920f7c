"""Compiled loops over ratings: scores, likelihoods of cut points and scales, latent values, probabilities.

Importing this file imports numba and compiles, or reads the cache. Each loop takes a range of rows, so that threads can share
the rows, and random numbers that were drawn before, so that the result does not depend on the number of threads.
The functions of the normal distribution are in float32 and without branches, so that the loops over a row's ratings become
vector instructions; what is compiled together stays in this one file, because numba's cache looks at the time stamp of the
file of the function that it keeps, and at no other. The coefficients are least maximal relative errors, fitted for this file.

Of a user's ratings t: ``score[t]`` is the model's value, ``cuts[u, k]`` and ``cuts[u, k + 1]`` enclose level k, and the noise
has the standard deviation ``1 / (user_weight[u] * item_weight[i])``.
"""

import math

import numpy as np
from numba import types

from cfce.engines.compiled import compiled

LEAST = 1e-20
"""The least probability of an interval: its logarithm stays finite in float32."""
LEAST_DRAW = 1e-25
"""The least probability whose quantile is asked for: 10.4 standard deviations below the mean."""
MOST_DRAW = 0.9999999
LEAST_GAP = 0.02
"""Between neighbouring cut points of a user."""
ACCEPTED = 0.3
"""The share of Metropolis proposals that the widths of the steps are adapted to."""
PACE = 0.15
"""How fast they are."""
CHUNK = 256
"""Held-out ratings predicted at a time: what stays in the first-level cache."""

_FAST = {"contract", "arcp", "afn", "reassoc", "nsz"}
_F = np.float32
_I = np.int32
_f32 = types.float32
_CODES = types.int32[::1]
_LEVELS = types.uint8[::1]
_POINTERS = types.int64[::1]
_VALUES = types.float32[::1]
_ROWS = types.float32[:, ::1]
_RANGE = (types.int64, types.int64)
_USER_ORDER = (_POINTERS, _CODES, _LEVELS, _VALUES)
"""Where each user's ratings begin, and their items, levels and scores."""


@compiled(_f32(_f32), fastmath=_FAST)
def exp(x):  # type: ignore[no-untyped-def]
    """The exponential of x <= 88, to 2e-7 of itself; below -87 it is 0 or less than 2e-38."""
    t = max(x, _F(-88)) * _F(1.44269504)
    n = np.floor(t + _F(0.5))
    z = (t - n) * _F(0.693147181)
    p = _F(0.00829764422)
    p = p * z + _F(0.0419153778)
    p = p * z + _F(0.166675748)
    p = p * z + _F(0.499988949)
    p = p * z + _F(0.999999692)
    p = p * z + _F(1.00000007)
    return p * _I(max(_I(n) + _I(127), _I(0)) << _I(23)).view(np.float32)


@compiled(_f32(_f32), fastmath=_FAST)
def log(x):  # type: ignore[no-untyped-def]
    """The natural logarithm of a normal number x > 0, to 3e-7 of itself or of 1."""
    bits = _F(x).view(np.int32)
    e = (bits - _I(0x3F3504F3)) >> _I(23)  # so that the rest lies between the roots of 1/2 and 2
    d = _I(bits - (e << _I(23))).view(np.float32) - _F(1)
    p = _F(0.0872234062)
    p = p * d + _F(-0.143668234)
    p = p * d + _F(0.149522645)
    p = p * d + _F(-0.165623963)
    p = p * d + _F(0.199568341)
    p = p * d + _F(-0.250020739)
    p = p * d + _F(0.333341856)
    p = p * d + _F(-0.49999988)
    p = p * d + _F(0.999999974)
    return p * d + _F(e) * _F(0.693147181)


@compiled(_f32(_f32), fastmath=_FAST)
def normal_cdf(x):  # type: ignore[no-untyped-def]
    """Phi(x): to 4e-6 of itself from -13 to 0, and to 2e-7 above.

    Phi(-x) = exp(-x^2 / 2) t f(t) with t = 1 / (1 + 0.3 x): f is smooth from 0 to infinity.
    """
    a = min(abs(x), _F(13))
    t = _F(1) / (_F(1) + _F(0.3) * a)
    p = _F(0.0361950125)
    p = p * t + _F(-0.15937897)
    p = p * t + _F(0.210119546)
    p = p * t + _F(-0.0571684469)
    p = p * t + _F(0.13041704)
    p = p * t + _F(0.0993469414)
    p = p * t + _F(0.12084556)
    p = p * t + _F(0.119623261)
    tail = t * p * exp(_F(-0.5) * a * a)
    return tail if x < _F(0) else _F(1) - tail


@compiled(_f32(_f32), fastmath=_FAST)
def normal_quantile(p):  # type: ignore[no-untyped-def]
    """The x with Phi(x) = p for p from 1e-28 to 1 - 6e-8, to 2e-5 of itself.

    x = (2 p - 1) f(w) with w = -log(4 p (1 - p)), as in M. Giles, "Approximating the erfinv function", GPU Computing Gems (2011).
    """
    w = -log(_F(4) * p * (_F(1) - p))
    u = w - _F(3)
    near = _F(4.60309649e-07)
    near = near * u + _F(-2.79323277e-06)
    near = near * u + _F(-1.66778014e-05)
    near = near * u + _F(0.000277271025)
    near = near * u + _F(-0.00118609492)
    near = near * u + _F(-0.00811730106)
    near = near * u + _F(0.341719561)
    near = near * u + _F(2.29603579)
    v = np.sqrt(max(w, _F(0))) - _F(4)
    far = _F(-1.14727227e-05)
    far = far * v + _F(0.000120565073)
    far = far * v + _F(-0.000438602333)
    far = far * v + _F(0.000678445172)
    far = far * v + _F(-0.000831783397)
    far = far * v + _F(0.00141078208)
    far = far * v + _F(1.42745243)
    far = far * v + _F(5.43033587)
    return (_F(2) * p - _F(1)) * (near if w < _F(6.25) else far)


@compiled(types.void(*_RANGE, _POINTERS, _CODES, _ROWS, _ROWS, _VALUES), fastmath=_FAST)
def score_rows(first, last, start, other, rows, others, score):  # type: ignore[no-untyped-def]
    """Write the scores of the users ``first`` to ``last``: <p_u, q_i> + b_u + c_i.

    ``rows`` (n_users, W) and ``others`` (n_items, W) hold the factors and zeros, and the bias in the last column.
    """
    width = rows.shape[1]
    bias = width - 1
    for r in range(first, last):
        for t in range(start[r], start[r + 1]):
            i = other[t]
            v = _F(0)
            for f in range(bias):
                v += rows[r, f] * others[i, f]
            score[t] = v + rows[r, bias] + others[i, bias]


@compiled(types.void(types.int64, types.int64, _CODES, _LEVELS, _VALUES, _ROWS, types.int64, *(_VALUES,) * 3))
def _bounds(a, b, item, level, score, cuts, row, item_weight, low, high):  # type: ignore[no-untyped-def]
    for t in range(a, b):
        k = level[t]
        v = score[t]
        g = item_weight[item[t]]
        low[t - a] = (cuts[row, k] - v) * g
        high[t - a] = (cuts[row, k + 1] - v) * g


@compiled(types.float64(types.int64, _VALUES, _VALUES, _f32, _VALUES), fastmath=_FAST)
def _sum_log(n, low, high, weight, terms):  # type: ignore[no-untyped-def]
    for t in range(n):  # an interval's probability is taken in the lower tail, where float32 has digits
        lo = low[t] * weight
        hi = high[t] * weight
        flip = lo + hi > _F(0)
        p = normal_cdf(-lo if flip else hi) - normal_cdf(-hi if flip else lo)
        terms[t] = log(max(p, _F(LEAST)))
    total = 0.0
    for t in range(n):
        total += terms[t]
    return total


@compiled(types.int64(*_RANGE, _POINTERS))
def _longest(first, last, start):  # type: ignore[no-untyped-def]
    longest = 1
    for r in range(first, last):
        longest = max(longest, start[r + 1] - start[r])
    return longest


@compiled(types.void(*_RANGE, *_USER_ORDER, _ROWS, _VALUES, _VALUES, types.float64[::1]))
def log_likelihood(first, last, start, item, level, score, cuts, user_weight, item_weight, total):  # type: ignore[no-untyped-def]
    """Write each user's sum of log P(level) to ``total`` (n_users,)."""
    low = np.empty(_longest(first, last, start), dtype=np.float32)
    high = np.empty_like(low)
    terms = np.empty_like(low)
    for u in range(first, last):
        a = start[u]
        b = start[u + 1]
        _bounds(a, b, item, level, score, cuts, u, item_weight, low, high)
        total[u] = _sum_log(b - a, low, high, user_weight[u], terms)


@compiled(
    types.void(
        *_RANGE, *_USER_ORDER, _ROWS, _VALUES, types.float32[:, :, ::1], _ROWS,
        types.float64[::1], types.float64[:, ::1], types.boolean, types.float64[::1], types.float64[::1],
    )
)  # fmt: skip
def move_cuts(  # type: ignore[no-untyped-def]
    first, last, start, item, level, score, cuts, item_weight, normals, log_uniforms, centre, precision, adapt, step, total
):
    """Metropolis steps on each user's cut points with the latent values integrated out.

    ``normals`` (n_users, S, K - 1) and ``log_uniforms`` (n_users, S) hold the numbers for S steps. The prior is normal,
    with cut points at least ``LEAST_GAP`` apart. With ``adapt`` the width ``step`` (n_users,) of a user's proposals moves
    towards the acceptance ``ACCEPTED``. Each user's log-likelihood at the end is written to ``total`` (n_users,).
    """
    low = np.empty(_longest(first, last, start), dtype=np.float32)
    high = np.empty_like(low)
    terms = np.empty_like(low)
    n_cuts = cuts.shape[1] - 2
    proposal = np.empty((1, n_cuts + 2), dtype=np.float32)
    proposal[0, 0] = cuts[0, 0]
    proposal[0, n_cuts + 1] = cuts[0, n_cuts + 1]
    now = np.empty(n_cuts)
    new = np.empty(n_cuts)
    for u in range(first, last):
        a = start[u]
        b = start[u + 1]
        _bounds(a, b, item, level, score, cuts, u, item_weight, low, high)
        current = _sum_log(b - a, low, high, _F(1), terms)
        for s in range(normals.shape[1]):
            apart = True
            for k in range(n_cuts):
                moved = cuts[u, k + 1] + _F(step[u]) * normals[u, s, k]
                proposal[0, k + 1] = moved
                now[k] = cuts[u, k + 1] - centre[k]
                new[k] = moved - centre[k]
                if k and moved - proposal[0, k] < _F(LEAST_GAP):
                    apart = False
            accepted = 0.0
            if apart:
                gain = 0.0
                for k in range(n_cuts):
                    for j in range(n_cuts):
                        gain += 0.5 * precision[k, j] * (now[k] * now[j] - new[k] * new[j])
                _bounds(a, b, item, level, score, proposal, 0, item_weight, low, high)
                there = _sum_log(b - a, low, high, _F(1), terms)
                if log_uniforms[u, s] < there - current + gain:
                    current = there
                    accepted = 1.0
                    for k in range(n_cuts):
                        cuts[u, k + 1] = proposal[0, k + 1]
            if adapt:
                step[u] *= math.exp(PACE * (accepted - ACCEPTED))
        total[u] = current


@compiled(
    types.void(
        *_RANGE, _POINTERS, _CODES, _CODES, _LEVELS, _VALUES, _ROWS, _VALUES, _VALUES, _VALUES,
        types.float64, types.boolean, types.float64[::1], types.float64[::1],
    )
)  # fmt: skip
def move_scales(  # type: ignore[no-untyped-def]
    first, last, start, user, at, level, score, cuts, user_weight, normals, log_uniforms, spread, adapt, step, log_scale
):
    """One Metropolis step on the logarithm of each item's noise scale, N(0, spread^2) a priori, the latent values integrated out.

    ``user`` and ``at`` are in the order of the items: the user of a rating and its place among ``level`` and ``score``.
    """
    low = np.empty(_longest(first, last, start), dtype=np.float32)
    high = np.empty_like(low)
    terms = np.empty_like(low)
    for i in range(first, last):
        a = start[i]
        n = start[i + 1] - a
        for t in range(n):
            u = user[a + t]
            place = at[a + t]
            k = level[place]
            v = score[place]
            g = user_weight[u]
            low[t] = (cuts[u, k] - v) * g
            high[t] = (cuts[u, k + 1] - v) * g
        now = log_scale[i]
        new = now + step[i] * normals[i]
        gain = (now * now - new * new) / (2 * spread * spread)
        gain += _sum_log(n, low, high, _F(math.exp(-new)), terms) - _sum_log(n, low, high, _F(math.exp(-now)), terms)
        accepted = 0.0
        if log_uniforms[i] < gain:
            log_scale[i] = new
            accepted = 1.0
        if adapt:
            step[i] *= math.exp(PACE * (accepted - ACCEPTED))


@compiled(types.void(*_RANGE, *_USER_ORDER, _ROWS, _VALUES, _VALUES, _VALUES), fastmath=_FAST)
def draw_latent(first, last, start, item, level, score, cuts, user_weight, item_weight, latent):  # type: ignore[no-untyped-def]
    """Turn the uniform numbers in ``latent`` into latent values, from the normal around the score cut to its level's interval."""
    low = np.empty(_longest(first, last, start), dtype=np.float32)
    high = np.empty_like(low)
    for u in range(first, last):
        a = start[u]
        n = start[u + 1] - a
        _bounds(a, a + n, item, level, score, cuts, u, item_weight, low, high)
        g = user_weight[u]
        for t in range(n):
            lo = low[t] * g
            hi = high[t] * g
            flip = lo + hi > _F(0)
            left = -hi if flip else lo
            right = -lo if flip else hi
            p = normal_cdf(left)
            p += (normal_cdf(right) - p) * latent[a + t]
            x = normal_quantile(min(max(p, _F(LEAST_DRAW)), _F(MOST_DRAW)))
            x = min(max(x, left), right)  # rounding may not leave the interval
            low[t] = -x if flip else x
        for t in range(n):
            latent[a + t] = score[a + t] + low[t] / (g * item_weight[item[a + t]])


@compiled(types.void(*(_VALUES,) * 3, _f32, _VALUES), fastmath=_FAST)
def draw_noise(low, high, mean, deviation, noise):  # type: ignore[no-untyped-def]
    """Turn the uniform numbers in ``noise`` (m,) into draws from N(mean, deviation^2) between ``low`` and ``high``."""
    for t in range(len(noise)):
        lo = (low[t] - mean[t]) / deviation
        hi = (high[t] - mean[t]) / deviation
        flip = lo + hi > _F(0)
        p = normal_cdf(-hi if flip else lo)
        p += (normal_cdf(-lo if flip else hi) - p) * noise[t]
        x = normal_quantile(min(max(p, _F(LEAST_DRAW)), _F(MOST_DRAW)))
        noise[t] = min(max(mean[t] + deviation * (-x if flip else x), low[t]), high[t])


@compiled(types.void(*_RANGE, _CODES, _CODES, _VALUES, _VALUES, _ROWS, _ROWS, _ROWS, _ROWS), fastmath=_FAST)
def add_probabilities(first, last, user, item, shift, weight_of, rows, others, cuts, out):  # type: ignore[no-untyped-def]
    """Add each held-out rating's probability of each level to ``out`` (K, N).

    ``shift`` (N,) is added to its score, and ``weight_of`` (N,) is 1 / the deviation of its noise. An interval on one side of the
    score is a difference of tails on that side, so that improbable levels above keep their digits as those below do.
    """
    width = rows.shape[1]
    bias = width - 1
    n_levels = cuts.shape[1] - 1
    score = np.empty(CHUNK, dtype=np.float32)
    edge = np.empty(CHUNK, dtype=np.float32)
    tail = np.empty(CHUNK, dtype=np.float32)
    edge_below = np.empty(CHUNK, dtype=np.float32)
    tail_below = np.empty(CHUNK, dtype=np.float32)
    for a in range(first, last, CHUNK):
        n = min(CHUNK, last - a)
        for t in range(n):
            u = user[a + t]
            i = item[a + t]
            v = _F(0)
            for f in range(bias):
                v += rows[u, f] * others[i, f]
            score[t] = v + rows[u, bias] + others[i, bias] + shift[a + t]
            edge_below[t] = _F(-1)
            tail_below[t] = _F(0)
        for k in range(n_levels - 1):
            for t in range(n):
                edge[t] = cuts[user[a + t], k + 1]
            for t in range(n):
                edge[t] = (edge[t] - score[t]) * weight_of[a + t]
                tail[t] = normal_cdf(-abs(edge[t]))
            for t in range(n):
                one_side = (edge[t] > _F(0)) == (edge_below[t] > _F(0))
                apart = abs(tail[t] - tail_below[t])
                out[k, a + t] += apart if one_side else _F(1) - (tail[t] + tail_below[t])
                edge_below[t] = edge[t]
                tail_below[t] = tail[t]
        for t in range(n):
            out[n_levels - 1, a + t] += tail_below[t] if edge_below[t] > _F(0) else _F(1) - tail_below[t]


@compiled(types.void(*_RANGE, _POINTERS, _CODES, _CODES, types.boolean, _VALUES, _VALUES, _VALUES, types.float64[::1]))
def sum_squares(first, last, start, other, at, ordered, value, score, other_weight, total):  # type: ignore[no-untyped-def]
    """Write each row's sum of squared (value - score) * other_weight to ``total``; ``ordered`` as in ``draw_rows``."""
    for r in range(first, last):
        squares = 0.0
        for t in range(start[r], start[r + 1]):
            place = t if ordered else at[t]
            e = (value[place] - score[place]) * other_weight[other[t]]
            squares += e * e
        total[r] = squares
