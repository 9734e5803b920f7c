"""The compiled loops of the fused engine. Importing this file imports numba and compiles, or reads the cache.

All parameters lie in one flat vector, in the order of ``cfce.models.dot_product_bias.shapes``, then the head; so do their
gradients and Adam's two averages. What is compiled together stays in this one file, because numba's cache looks at the
time stamp of the file of the function that it keeps, and at no other.
"""

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
_NOTHING = np.float32(NOTHING)
_NOTHING_SQUARED = np.float32(NOTHING_SQUARED)

_STEP = types.FunctionType(signatures()[0])
_OUTPUT = types.FunctionType(signatures()[1])
_CODES = types.Array(types.int32, 1, "C", readonly=True)
_LEVELS = types.Array(types.uint8, 1, "C", readonly=True)
_VALUES = types.Array(types.float32, 1, "C", readonly=True)
_VECTOR = types.float32[::1]
_SIZES = (types.int64, types.int64, types.int64)
_SCALE = (_VALUES, types.float32, types.float32)


@compiled(
    types.void(_VECTOR, _VECTOR, _VECTOR, _VECTOR, *(types.float64,) * 3, types.int64), fastmath={"contract", "arcp", "afn"}
)
def dense_adam(params, gradient, average, square, rate, momentum, weight_decay, step):  # type: ignore[no-untyped-def]
    """One step of fastai's Adam over a flat vector, (P,): the weights decay, then move; where the gradient is 0 too.

    ``step`` counts from 1. The bias correction takes the momentum of this step for all steps so far, as fastai does.
    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019), algorithm 2; fastai 2.8 ``optimizer.py``.
    """
    keep = np.float32(1 - rate * weight_decay)
    mom = np.float32(momentum)
    new = np.float32(1 - momentum)
    sqr_mom = np.float32(SQR_MOM)
    sqr_new = np.float32(1 - SQR_MOM)
    size = np.float32(rate / (1 - momentum**step))
    unbias = np.float32(1 / (1 - SQR_MOM**step))
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
        params[i] = keep * params[i] - size * (a / (v * (one / np.sqrt(v)) + eps))


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

    ``bounds`` (S+1,) cuts the parameters into S segments, and ``decays`` (S,) is the weight decay of each. ``rates`` and
    ``momenta`` hold the schedule of all steps, of which ``done`` are behind. ``losses`` (steps of this epoch,) is written.
    """
    items = n_users * n_factors
    user_biases = items + n_items * n_factors
    item_biases = user_biases + n_users
    n_scorer = item_biases + n_items
    head = params[n_scorer:]
    head_gradient = gradient[n_scorer:]
    scratch = np.empty(len(values), dtype=np.float32)
    share = np.float32(1 / batch_size)
    for batch in range(len(losses)):
        total = 0.0
        for k in range(batch * batch_size, (batch + 1) * batch_size):
            row = order[k]
            u = user[row] * n_factors
            i = items + item[row] * n_factors
            bu = user_biases + user[row]
            bi = item_biases + item[row]
            score = _dot(params, u, i, n_factors) + params[bu] + params[bi]
            loss, slope = step(score, level[row], head, values, low, high, head_gradient, scratch)
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
            a, b = bounds[s], bounds[s + 1]
            dense_adam(
                params[a:b], gradient[a:b], average[a:b], square[a:b],
                rates[done + batch], momenta[done + batch], decays[s], done + batch + 1,
            )  # fmt: skip
        for k in range(batch * batch_size, (batch + 1) * batch_size):  # only what this batch touched is not 0
            row = order[k]
            u = user[row] * n_factors
            i = items + item[row] * n_factors
            gradient[u : u + n_factors] = 0
            gradient[i : i + n_factors] = 0
            gradient[user_biases + user[row]] = 0
            gradient[item_biases + item[row]] = 0
        for h in range(len(head_gradient)):
            head_gradient[h] = 0
        if (done + batch) % CLEAN_EVERY == 0:
            for p in range(len(average)):
                if abs(average[p]) < _NOTHING:
                    average[p] = 0
                if square[p] < _NOTHING_SQUARED:
                    square[p] = 0


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
