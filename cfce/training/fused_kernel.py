"""The compiled loops of the fused engine. Importing this file imports numba and compiles, or reads the cache.

All parameters lie in one flat vector, in the order of ``cfce.models.dot_product_bias.shapes``, then the head; so do their
gradients and Adam's two averages. What is compiled together stays in this one file, because numba's cache looks at the
time stamp of the file of the function that it keeps, and at no other.

Adam moves every weight at every step, but what it does to a row of factors that a batch does not meet depends on the row
and on the schedule alone. So it waits (``arrears``) until a batch meets the row, and at the latest to the end of a chunk of
steps, and is then done at once: the same training with a fifth of the arithmetic.
Source: Carpenter, Lazy Sparse Stochastic Gradient Descent for Regularized Multinomial Logistic Regression (2008), section 5,
which does so for weight decay; momentum and squares are ours.
"""

import math

import numpy as np
from numba import types

from cfce.objectives.kernel import signatures
from cfce.training.compiled import compiled
from cfce.training.denormals import CLEAN_EVERY, NOTHING, NOTHING_SQUARED

SQR_MOM = 0.99
"""Momentum of the averaged squared gradients: fastai's default."""
EPS = 1e-5
"""Added to the root of the averaged squares: fastai's default."""
TINY = 1e-30
"""Added under the root, which must not be 0: its root, 1e-15, is lost beside ``EPS``."""
CHUNK = 16
"""The most steps for which a row waits."""
N_COEFFICIENTS = 9
"""Numbers that bring a row from one step to another: see ``arrears``."""
_NOTHING = np.float32(NOTHING)
_NOTHING_SQUARED = np.float32(NOTHING_SQUARED)

_STEP = types.FunctionType(signatures()[0])
_OUTPUT = types.FunctionType(signatures()[1])
_CODES = types.Array(types.int32, 1, "C", readonly=True)
_LEVELS = types.Array(types.uint8, 1, "C", readonly=True)
_VALUES = types.Array(types.float32, 1, "C", readonly=True)
_VECTOR = types.float32[::1]
_ROWS = (types.int64[::1], types.int32[::1], *(types.int64,) * 3, *(_VECTOR,) * 3)
_FAST = {"contract", "arcp", "afn"}
_SIZES = (types.int64, types.int64, types.int64)
_SCALE = (_VALUES, types.float32, types.float32)


@compiled(types.void(_VECTOR, types.float64, types.float64, types.float64, types.int64))
def step_size(out, rate, momentum, weight_decay, step):  # type: ignore[no-untyped-def]
    """Write what Adam takes from the schedule at a step, counted from 1: the numbers that ``_adam`` expects, (5,).

    The bias correction takes the momentum of this step for all steps so far, as fastai does.
    """
    out[0] = 1 - rate * weight_decay
    out[1] = momentum
    out[2] = 1 - momentum
    out[3] = rate / (1 - momentum**step)
    out[4] = 1 / (1 - SQR_MOM**step)


@compiled(types.void(*(_VECTOR,) * 5), fastmath=_FAST)
def _adam(params, gradient, average, square, size):  # type: ignore[no-untyped-def]
    keep, mom, new, rate, unbias = size[0], size[1], size[2], size[3], size[4]
    sqr_mom = np.float32(SQR_MOM)
    sqr_new = np.float32(1 - SQR_MOM)
    eps = np.float32(EPS)
    one = np.float32(1)
    tiny = np.float32(TINY)
    for i in range(len(params)):
        g = gradient[i]
        a = mom * average[i] + new * g
        s = sqr_mom * square[i] + sqr_new * (g * g)
        average[i] = a
        square[i] = s
        # v * (1 / sqrt(v)) for sqrt(v): processors estimate 1 / sqrt and one Newton step makes it whole, in half the time
        v = s * unbias + tiny
        params[i] = keep * params[i] - rate * (a / (v * (one / np.sqrt(v)) + eps))


@compiled(types.void(_VECTOR, _VECTOR, _VECTOR, _VECTOR, *(types.float64,) * 3, types.int64))
def dense_adam(params, gradient, average, square, rate, momentum, weight_decay, step):  # type: ignore[no-untyped-def]
    """One step of fastai's Adam over a flat vector, (P,): the weights decay, then move; where the gradient is 0 too.

    ``step`` counts from 1.
    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019), algorithm 2; fastai 2.8 ``optimizer.py``.
    """
    size = np.empty(5, dtype=np.float32)
    step_size(size, rate, momentum, weight_decay, step)
    _adam(params, gradient, average, square, size)


@compiled(types.int64(types.int64, types.int64))
def chunk(done, left):  # type: ignore[no-untyped-def]
    """Steps of the chunk that begins after ``done`` steps, of which ``left`` are to come: short while Adam starts.

    So the roots of ``arrears`` stay within 7 % of their middle, and its error within 2e-6 of what it moves; after
    the first 128 steps within 1e-7, the rounding of float32.
    """
    return min(max(1, min(CHUNK, done // 8)), left)


@compiled(types.void(types.float64[::1], types.float64[::1], types.float64, types.int64, types.int64, types.float32[:, :, ::1]))
def arrears(rates, momenta, weight_decay, done, n, out):  # type: ignore[no-untyped-def]
    """Write what Adam does without a gradient in the steps i+1 to j of a chunk of n steps, for every i < j, to ``out[i, j]``.

    A weight p with averages a and s moves in one such step to keep * p - size * a / (root * sqrt(s) + eps). Over several
    steps the first term is a product, and the second a times a sum over the steps k of c_k / (x * r_k + eps), x = sqrt(s).
    Around the middle root R, with D = x * R + eps and w = x * R / D, that is 1/D times a power series in w:
    sum over q of w^q times sum over k of c_k * (1 - r_k / R)^q, of which five terms are kept.

    ``out`` (n+1, n+1, 9): product of keeps, R, factor of a, factor of s, and the five inner sums.
    """
    root, size, keep, weight = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    shrink = math.sqrt(SQR_MOM)
    for k in range(n):
        step = done + k + 1
        root[k] = shrink**k / math.sqrt(1 - SQR_MOM**step)
        size[k] = rates[step - 1] / (1 - momenta[step - 1] ** step)
        keep[k] = 1 - rates[step - 1] * weight_decay
    for i in range(n):
        kept = mom = sqr = 1.0
        for j in range(i + 1, n + 1):
            last = j - 1
            for k in range(i, last):
                weight[k] *= keep[last]
            kept *= keep[last]
            mom *= momenta[done + last]
            sqr *= SQR_MOM
            weight[last] = size[last] * mom
            middle = (root[i] + root[last]) / 2  # roots only fall
            s0 = s1 = s2 = s3 = s4 = 0.0
            for k in range(i, j):
                term = weight[k]
                off = 1 - root[k] / middle
                s0 += term
                term *= off
                s1 += term
                term *= off
                s2 += term
                term *= off
                s3 += term
                term *= off
                s4 += term
            at = out[i, j]
            at[0], at[1], at[2], at[3] = kept, middle * shrink ** (1 - i), mom, sqr
            at[4], at[5], at[6], at[7], at[8] = s0, s1, s2, s3, s4


@compiled(types.void(*(_VECTOR,) * 4), fastmath=_FAST)
def _settle(params, average, square, owed):  # type: ignore[no-untyped-def]
    keep, middle, mom, sqr = owed[0], owed[1], owed[2], owed[3]
    s0, s1, s2, s3, s4 = owed[4], owed[5], owed[6], owed[7], owed[8]
    eps = np.float32(EPS)
    one = np.float32(1)
    tiny = np.float32(TINY)
    for i in range(len(params)):
        a = average[i]
        v = square[i] + tiny
        inverse = one / (v * (one / np.sqrt(v)) * middle + eps)
        w = one - eps * inverse
        params[i] = keep * params[i] - a * inverse * (s0 + w * (s1 + w * (s2 + w * (s3 + w * s4))))
        average[i] = mom * a
        square[i] *= sqr


@compiled(types.void(*_ROWS, types.float32[:, :, :, ::1]))
def settle(rows, settled, now, n_rows, width, params, average, square, owed):  # type: ignore[no-untyped-def]
    """Bring rows of S stacked tables, (S * n_rows, width) laid flat, to the state after ``now`` steps of the chunk.

    ``settled`` (S * n_rows,) says up to which step of the chunk each row is; ``owed`` (S, n+1, n+1, 9) is of ``arrears``.
    A row may be named more than once. Raises ``IndexError`` for a row that no table has.
    """
    for k in range(len(rows)):
        row = rows[k]
        if row < 0 or row >= len(settled):
            raise IndexError("index out of range in self")
        since = settled[row]
        if since < now:
            table = row // n_rows if len(owed) > 1 else 0
            a, b = row * width, (row + 1) * width
            _settle(params[a:b], average[a:b], square[a:b], owed[table, since, now])
            settled[row] = now


@compiled(types.void(types.int64[::1], _VECTOR, types.int64, _VECTOR))
def add_rows(rows, new, width, gradient):  # type: ignore[no-untyped-def]
    """Add the gradients of rows, (n, width) laid flat, to those of their table; a row may be named more than once."""
    for k in range(len(rows)):
        a, b = rows[k] * width, k * width
        of_row, more = gradient[a : a + width], new[b : b + width]
        for f in range(width):
            of_row[f] += more[f]


@compiled(types.void(*_ROWS, _VECTOR, types.float32[:, ::1]))
def step_rows(rows, settled, now, n_rows, width, params, average, square, gradient, sizes):  # type: ignore[no-untyped-def]
    """Take the step after ``now`` with the rows that a batch has met, and put their gradients back to 0.

    ``sizes`` (S, 5) is of ``step_size``. A row may be named more than once; it steps once.
    """
    for k in range(len(rows)):
        row = rows[k]
        if settled[row] == now:
            table = row // n_rows if len(sizes) > 1 else 0
            a, b = row * width, (row + 1) * width
            _adam(params[a:b], gradient[a:b], average[a:b], square[a:b], sizes[table])
            gradient[a:b] = 0
            settled[row] = now + 1


@compiled(types.void(_VECTOR, _VECTOR))
def clean(average, square):  # type: ignore[no-untyped-def]
    """Make 0 of averages that are nearly 0: see ``cfce.training.denormals``."""
    for i in range(len(average)):
        if abs(average[i]) < _NOTHING:
            average[i] = 0
        if square[i] < _NOTHING_SQUARED:
            square[i] = 0


@compiled(types.float32(_VECTOR, types.int64, types.int64, types.int64), fastmath={"contract", "reassoc"})
def _dot(params, a, b, n):  # type: ignore[no-untyped-def]
    left, right = params[a : a + n], params[b : b + n]
    total = np.float32(0)
    for f in range(n):
        total += left[f] * right[f]
    return total


@compiled(
    types.void(
        _STEP, _CODES, _CODES, _LEVELS, _CODES, types.int64, *_SIZES, *_SCALE, *(_VECTOR,) * 4,
        types.int64[::1], types.float64[::1], types.float64[::1], types.float64[::1], types.int64, types.float64[::1],
    ),
    fastmath={"contract"},
)  # fmt: skip
def train_epoch(  # type: ignore[no-untyped-def]
    step, user, item, level, order, batch_size, n_users, n_items, n_factors, values, low, high,
    params, gradient, average, square, bounds, decays, rates, momenta, done, losses,
):  # fmt: skip
    """Train on the rows of ``order`` in batches, one step each; a last partial batch is left out.

    ``bounds`` (S+1,) cuts the parameters into S segments, and ``decays`` (S,) is the weight decay of each; the first
    segment holds the factors. ``rates`` and ``momenta`` hold the schedule of all steps, of which ``done`` are behind.
    ``losses`` (steps of this epoch,) is written.
    """
    n_steps, n_rows = len(losses), n_users + n_items
    user_biases = n_rows * n_factors
    item_biases = user_biases + n_users
    n_scorer = item_biases + n_items
    head, head_gradient = params[n_scorer:], gradient[n_scorer:]
    scratch = np.empty(len(values), dtype=np.float32)
    share = np.float32(1 / batch_size)
    rows = np.empty(2 * batch_size, dtype=np.int64)  # of users, then of items
    every_row = np.arange(n_rows)
    settled = np.zeros(n_rows, dtype=np.int32)
    owed = np.empty((1, CHUNK + 1, CHUNK + 1, N_COEFFICIENTS), dtype=np.float32)
    sizes = np.empty((len(decays), 5), dtype=np.float32)
    now = n = 0  # steps taken of this chunk, and its length
    for batch in range(n_steps):
        if now == n:
            n, now = chunk(done + batch, n_steps - batch), 0
            arrears(rates, momenta, decays[0], done + batch, n, owed[0])
        for k in range(batch_size):
            rating = order[batch * batch_size + k]
            rows[k], rows[batch_size + k] = user[rating], n_users + item[rating]
        settle(rows, settled, now, n_rows, n_factors, params, average, square, owed)
        total = 0.0
        for k in range(batch_size):
            row, other = rows[k], rows[batch_size + k]
            u, i = row * n_factors, other * n_factors
            bu, bi = user_biases + row, user_biases + other
            score = _dot(params, u, i, n_factors) + params[bu] + params[bi]
            loss, slope = step(
                score, level[order[batch * batch_size + k]], head, values, low, high, head_gradient, scratch
            )  # fmt: skip
            total += loss
            slope *= share
            # slices, because an index that might be negative would keep these loops from being vectorised
            of_user, of_item = params[u : u + n_factors], params[i : i + n_factors]
            user_gradient, item_gradient = gradient[u : u + n_factors], gradient[i : i + n_factors]
            for f in range(n_factors):
                user_gradient[f] += slope * of_item[f]
            for f in range(n_factors):
                item_gradient[f] += slope * of_user[f]
            gradient[bu] += slope
            gradient[bi] += slope
        for h in range(len(head_gradient)):
            head_gradient[h] *= share
        losses[batch] = total / batch_size
        for s in range(len(decays)):
            step_size(sizes[s], rates[done + batch], momenta[done + batch], decays[s], done + batch + 1)
        step_rows(rows, settled, now, n_rows, n_factors, params, average, square, gradient, sizes[:1])
        for s in range(1, len(decays)):
            a, b = bounds[s], bounds[s + 1]
            _adam(params[a:b], gradient[a:b], average[a:b], square[a:b], sizes[s])
            gradient[a:b] = 0
        now += 1
        if now == n:
            settle(every_row, settled, now, n_rows, n_factors, params, average, square, owed)
            settled[:] = 0
        if (done + batch) % CLEAN_EVERY == 0:
            clean(average, square)


@compiled(types.float64(_STEP, _CODES, _CODES, _LEVELS, *_SIZES, *_SCALE, _VECTOR))
def mean_loss(step, user, item, level, n_users, n_items, n_factors, values, low, high, params):  # type: ignore[no-untyped-def]
    """The mean loss over a part's ratings."""
    items = n_users * n_factors
    user_biases = items + n_items * n_factors
    item_biases = user_biases + n_users
    head = params[item_biases + n_items :]
    unused = np.zeros(len(head), dtype=np.float32)
    scratch = np.empty(len(values), dtype=np.float32)
    total = 0.0
    for row in range(len(user)):
        score = _dot(params, user[row] * n_factors, items + item[row] * n_factors, n_factors)
        score += params[user_biases + user[row]] + params[item_biases + item[row]]
        total += step(score, level[row], head, values, low, high, unused, scratch)[0]
    return total / len(user)


@compiled(types.void(_OUTPUT, _CODES, _CODES, *_SIZES, *_SCALE, _VECTOR, types.float32[:, ::1]))
def predict(output, user, item, n_users, n_items, n_factors, values, low, high, params, out):  # type: ignore[no-untyped-def]
    """Write the outputs of a part's ratings, (n, width)."""
    items = n_users * n_factors
    user_biases = items + n_items * n_factors
    item_biases = user_biases + n_users
    head = params[item_biases + n_items :]
    for row in range(len(user)):
        score = _dot(params, user[row] * n_factors, items + item[row] * n_factors, n_factors)
        score += params[user_biases + user[row]] + params[item_biases + item[row]]
        output(score, head, values, low, high, out[row])
