"""The compiled loops of the fused engine. Importing this file imports numba and compiles, or reads the cache.

What is compiled together stays in this one file, because numba's cache looks at the time stamp of the file of the function
that it keeps, and at no other. Loops stand in place and count by unsigned offsets into flat arrays: a slice that is passed to
a compiled function is an array view with a count of references, which takes longer than the arithmetic of a row.

Adam moves every weight at every step, but what it does to a row that a batch does not meet depends on the row and on the
schedule alone. So it is deferred until a batch meets the row, and at the latest to the end of a chunk of steps, and is then
done at once: the same training with a fifth of the arithmetic.
Source: Carpenter, Lazy Sparse Stochastic Gradient Descent for Regularized Multinomial Logistic Regression (2008), section 5,
which does so for weight decay; momentum and squares are ours.

With implicit feedback the vectors of a batch's rows are computed once a step, and what a row's gradient is to the directions
is added once a row: a row has 100 features, and a batch meets a popular item many times.
"""

import math

import numpy as np
from numba import njit, types

from cfce.engines.adam import EPS, SQR_MOM
from cfce.engines.compiled import compiled
from cfce.engines.denormals import CLEAN_EVERY, NOTHING, NOTHING_SQUARED
from cfce.engines.fused_types import (
    CODES,
    COLUMNS,
    DOUBLE,
    FEEDBACK,
    LAYOUT,
    MOVING,
    OFFSET,
    OUTPUT,
    READ_ONLY,
    SCHEDULE,
    STEP,
    TARGET,
    VECTOR,
    Moving,
)

TINY = 1e-30
"""Added under the root, which must not be 0: its root, 1e-15, is lost beside ``EPS``."""
CHUNK = 48
"""The most steps for which a row is deferred."""
TERMS = 7
"""Terms that are kept of the power series in ``defer``."""
DEFERRED = 4 + TERMS
"""Numbers that bring a row from one step to another: see ``defer``."""
_NOTHING = np.float32(NOTHING)
_NOTHING_SQUARED = np.float32(NOTHING_SQUARED)


_ROWS = types.int64[::1]
_SETTLED = types.int32[::1]
_OWED = types.float64[:, :, ::1]
_SIZES = types.float32[:, ::1]
_FAST = {"contract", "arcp", "afn"}
_START = np.uint64(0)
_UNIT, _TWO, _THREE, _FOUR = (np.uint64(one) for one in (1, 2, 3, 4))
_ONE = np.float32(1)
_inlined = njit(inline="always", error_model="numpy")


@compiled(types.void(_SIZES, types.int64, *(types.float64,) * 3, types.int64))
def step_size(out, which, rate, momentum, weight_decay, step):  # type: ignore[no-untyped-def]
    """Write what Adam takes from the schedule at a step, counted from 1, to ``out[which]``: five numbers for ``_adam``.

    The bias correction takes the momentum of this step for all steps so far, as fastai does.
    """
    out[which, 0] = 1 - rate * weight_decay
    out[which, 1] = momentum
    out[which, 2] = 1 - momentum
    out[which, 3] = rate / (1 - momentum**step)
    out[which, 4] = 1 / (1 - SQR_MOM**step)


@_inlined
def _adam(moving, at, gradient, source, n, sizes, which, clear, carry, carry_square):  # type: ignore[no-untyped-def]
    """One step with the n weights from ``at``, whose gradients begin at ``source``, by one of the sizes of ``step_size``.

    ``clear`` puts the gradients back to 0. The averages are first multiplied by what is still owed to them.
    """
    keep, mom, new = sizes[which, 0], sizes[which, 1], sizes[which, 2]
    rate, unbias = sizes[which, 3], sizes[which, 4]
    sqr_mom = np.float32(SQR_MOM)
    sqr_new = np.float32(1 - SQR_MOM)
    eps = np.float32(EPS)
    one = np.float32(1)
    tiny = np.float32(TINY)
    for f in range(n):
        g = gradient[source + f]
        if clear:
            gradient[source + f] = 0
        a = mom * (carry * moving.average[at + f]) + new * g
        s = sqr_mom * (carry_square * moving.square[at + f]) + sqr_new * (g * g)
        moving.average[at + f] = a
        moving.square[at + f] = s
        # v * (1 / sqrt(v)) for sqrt(v): processors estimate 1 / sqrt and one Newton step makes it whole, in half the time
        v = s * unbias + tiny
        moving.weights[at + f] = keep * moving.weights[at + f] - rate * (a / (v * (one / np.sqrt(v)) + eps))


@compiled(types.void(VECTOR, VECTOR, VECTOR, VECTOR, *(types.float64,) * 3, types.int64), fastmath=_FAST)
def dense_adam(params, gradient, average, square, rate, momentum, weight_decay, step):  # type: ignore[no-untyped-def]
    """One step of fastai's Adam over a flat vector, (P,): the weights decay, then move; where the gradient is 0 too.

    ``step`` counts from 1.
    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019), algorithm 2; fastai 2.8 ``optimizer.py``.
    """
    sizes = np.empty((1, 5), dtype=np.float32)
    step_size(sizes, 0, rate, momentum, weight_decay, step)
    _adam(Moving(params, average, square), _START, gradient, _START, np.uint64(len(params)), sizes, 0, False, _ONE, _ONE)


@compiled(types.int64(types.int64, types.int64))
def chunk(done, left):  # type: ignore[no-untyped-def]
    """Steps of the chunk that begins after ``done`` steps, of which ``left`` are to come: short while Adam starts.

    So the roots of ``defer`` stay within 14 % of their middle, and its error within 1e-6 of what it moves.
    """
    return min(max(1, min(CHUNK, done // 4)), left)


@compiled(types.void(_OWED, types.int64, types.int64, types.int64))
def begin_chunk(owed, which, done, n):  # type: ignore[no-untyped-def]
    """Prepare ``owed[which]`` for a chunk of n steps after ``done``: see ``defer``."""
    shrink = math.sqrt(SQR_MOM)
    last = shrink**n / math.sqrt(1 - SQR_MOM ** (done + n))
    for i in range(n):
        first = shrink ** (i + 1) / math.sqrt(1 - SQR_MOM ** (done + i + 1))
        owed[which, i, 0] = owed[which, i, 2] = owed[which, i, 3] = 1
        owed[which, i, 1] = (first + last) / 2 * shrink**-i
        for q in range(TERMS):
            owed[which, i, 4 + q] = 0


@compiled(types.void(_OWED, types.int64, *(types.float64,) * 3, types.int64, types.int64))
def defer(owed, which, rate, momentum, weight_decay, done, now):  # type: ignore[no-untyped-def]
    """Add the step after ``now`` steps of a chunk, which began after ``done``, to what is owed to the rows that miss it.

    ``owed`` is (S, ``CHUNK``, ``DEFERRED``), for S schedules. Row i of ``owed[which]`` is what Adam does without a gradient
    to a row that is up to date after i steps of the chunk. A weight p with averages a and s moves in one such step to
    keep * p - size * a / (root * sqrt(s) + eps). Over several steps the first term is a product, and the second a times a sum
    over the steps k of c_k / (x * r_k + eps), x = sqrt(s). Around a middle root R, with D = x * R + eps and w = x * R / D,
    that is 1/D times a power series in w: sum over q of w^q times sum over k of c_k * (1 - r_k / R)^q, of which ``TERMS``
    terms are kept. The numbers of a row: product of keeps, R, factor of a, factor of s, and the inner sums.
    """
    step = done + now + 1
    shrink = math.sqrt(SQR_MOM)
    keep = 1 - rate * weight_decay
    size = rate / (1 - momentum**step)
    root = shrink ** (now + 1) / math.sqrt(1 - SQR_MOM**step)  # and over shrink^i for what is up to date after i
    for i in range(now + 1):
        owed[which, i, 0] *= keep
        owed[which, i, 2] *= momentum
        owed[which, i, 3] *= SQR_MOM
        term = size * owed[which, i, 2]
        off = 1 - root / owed[which, i, 1]
        for q in range(TERMS):
            owed[which, i, 4 + q] = owed[which, i, 4 + q] * keep + term
            term *= off
        root /= shrink


@_inlined
def _settle(moving, at, n, owed, which, since, averages):  # type: ignore[no-untyped-def]
    """Do to the n weights from ``at``, up to date after ``since`` steps of the chunk, what is owed to them.

    Without ``averages`` the averages are left as they are, to be carried on by ``_adam``.
    """
    keep, middle = np.float32(owed[which, since, 0]), np.float32(owed[which, since, 1])
    mom, sqr = np.float32(owed[which, since, 2]), np.float32(owed[which, since, 3])
    s0, s1 = np.float32(owed[which, since, 4]), np.float32(owed[which, since, 5])
    s2, s3 = np.float32(owed[which, since, 6]), np.float32(owed[which, since, 7])
    s4, s5 = np.float32(owed[which, since, 8]), np.float32(owed[which, since, 9])
    s6 = np.float32(owed[which, since, 10])
    eps = np.float32(EPS)
    one = np.float32(1)
    tiny = np.float32(TINY)
    for f in range(n):
        a = moving.average[at + f]
        s = moving.square[at + f]
        v = s + tiny
        inverse = one / (v * (one / np.sqrt(v)) * middle + eps)
        w = one - eps * inverse
        series = s0 + w * (s1 + w * (s2 + w * (s3 + w * (s4 + w * (s5 + w * s6)))))
        moving.weights[at + f] = keep * moving.weights[at + f] - a * inverse * series
        if averages:
            moving.average[at + f] = mom * a
            moving.square[at + f] = sqr * s


@compiled(types.void(MOVING))
def clean(moving):  # type: ignore[no-untyped-def]
    """Make 0 of averages that are nearly 0: see ``cfce.engines.denormals``."""
    for i in range(len(moving.average)):
        if abs(moving.average[i]) < _NOTHING:
            moving.average[i] = 0
        if moving.square[i] < _NOTHING_SQUARED:
            moving.square[i] = 0


@compiled(types.void(_ROWS, _SETTLED, types.int64, OFFSET, OFFSET, MOVING, _OWED), fastmath=_FAST)
def settle_rows(rows, settled, now, n_rows, width, moving, owed):  # type: ignore[no-untyped-def]
    """Bring rows of S tables, (S * n_rows, width) laid flat, to the state after ``now`` steps of the chunk.

    ``settled`` (S * n_rows,) is the step of the chunk up to which each row is. A row may be named more than once.
    Raises ``IndexError`` for a row that no table has.
    """
    for k in range(len(rows)):
        row = rows[k]
        if row < 0 or row >= len(settled):
            raise IndexError("index out of range in self")
        if settled[row] < now:
            _settle(moving, np.uint64(row) * width, width, owed, np.uint64(row) // n_rows, settled[row], True)
            settled[row] = now


@compiled(types.void(_ROWS, VECTOR, OFFSET, VECTOR))
def add_rows(rows, new, width, gradient):  # type: ignore[no-untyped-def]
    """Add the gradients of rows, (n, width) laid flat, to those of their table; a row may be named more than once."""
    for k in range(len(rows)):
        at, source = np.uint64(rows[k]) * width, np.uint64(k) * width
        for f in range(width):
            gradient[at + f] += new[source + f]


@compiled(types.void(_ROWS, _SETTLED, types.int64, OFFSET, OFFSET, MOVING, VECTOR, _SIZES), fastmath=_FAST)
def step_rows(rows, settled, now, n_rows, width, moving, gradient, sizes):  # type: ignore[no-untyped-def]
    """Take the step after ``now`` with the rows that a batch has met, and put their gradients back to 0.

    ``sizes`` (S, 5) is of ``step_size``. A row may be named more than once; it steps once.
    """
    for k in range(len(rows)):
        row = rows[k]
        if settled[row] == now:
            at = np.uint64(row) * width
            _adam(moving, at, gradient, at, width, sizes, np.uint64(row) // n_rows, True, _ONE, _ONE)
            settled[row] = now + 1


@compiled(types.void(VECTOR, LAYOUT, TARGET, OFFSET, OFFSET, VECTOR, VECTOR), fastmath={"contract", "reassoc"})
def _score(weights, layout, target, user, item, scores, bends):  # type: ignore[no-untyped-def]
    """Write the D scores of the user and the item whose rows begin at these offsets, and their slopes in the sigmoid range."""
    span = target.high - target.low
    one = np.float32(1)
    user_biases, item_biases = user + layout.n_factors, item + layout.dots * layout.n_factors
    for d in range(layout.outputs):
        total = np.float32(0)
        if d < layout.dots:
            vector = item + d * layout.n_factors
            for f in range(layout.n_factors):
                total += weights[user + f] * weights[vector + f]
        total += weights[user_biases + d]
        if d < layout.item_biases:
            total += weights[item_biases + d]
        bends[d] = one
        if span > 0:
            share = one / (one + np.exp(-total))
            total = target.low + span * share
            bends[d] = span * share * (one - share)
        scores[d] = total


@_inlined
def _directions_of(layout, row):  # type: ignore[no-untyped-def]
    """Where the directions of a row's side begin, and how wide each is."""
    if row < layout.n_users:
        return _START, layout.n_factors
    return layout.directions * layout.n_factors, layout.dots * layout.n_factors


@compiled(types.void(VECTOR, OFFSET, OFFSET, LAYOUT, OFFSET, READ_ONLY, VECTOR, VECTOR, OFFSET), fastmath=_FAST)
def _move(weights, at, width, layout, row, features, directions, vectors, to):  # type: ignore[no-untyped-def]
    """Write a row, ``width`` wide from ``at``, with its vector moved by what its features say, to ``vectors`` from ``to``."""
    d0, n = _directions_of(layout, row)
    feature = row * layout.directions
    for f in range(width):
        vectors[to + f] = weights[at + f]
    for r in range(feature, feature + layout.directions, _FOUR):
        x0, x1, x2, x3 = features[r], features[r + _UNIT], features[r + _TWO], features[r + _THREE]
        d1, d2, d3 = d0 + n, d0 + _TWO * n, d0 + _THREE * n
        for f in range(n):
            vectors[to + f] += (
                x0 * directions[d0 + f] + x1 * directions[d1 + f] + x2 * directions[d2 + f] + x3 * directions[d3 + f]
            )
        d0 += _FOUR * n


@compiled(types.void(VECTOR, OFFSET, LAYOUT, OFFSET, READ_ONLY, VECTOR), fastmath=_FAST)
def _spread(gradient, at, layout, row, features, out):  # type: ignore[no-untyped-def]
    """Add what the gradient of a row's vector, from ``at``, is to the directions."""
    first, n = _directions_of(layout, row)
    feature = row * layout.directions
    for r in range(layout.directions):
        x, direction = features[feature + r], first + r * n
        for f in range(n):
            out[direction + f] += x * gradient[at + f]


@_inlined
def _place(layout, row):  # type: ignore[no-untyped-def]
    """Where a row begins, items counted on from the users, and how wide it is."""
    if row < layout.n_users:
        return row * layout.user_width, layout.user_width
    return layout.items + (row - layout.n_users) * layout.item_width, layout.item_width


@compiled(
    types.void(
        STEP, COLUMNS, CODES, types.int64, LAYOUT, TARGET, MOVING, FEEDBACK, MOVING, types.int64[::1], SCHEDULE, DOUBLE
    ),
    fastmath=_FAST,
)  # fmt: skip
def train_epoch(  # type: ignore[no-untyped-def]
    step, ratings, order, batch_size, layout, target, rows, feedback, head, head_sizes, schedule, losses
):
    """Train on the ratings of ``order`` in batches, one step each; a last partial batch is left out.

    ``rows`` and ``feedback`` are the scorer's weights and ``head`` the objective's, each with its averages; ``head_sizes`` (P,)
    has 0 for a weight of the head that decays and 1 for one that does not. ``losses`` (steps of this epoch,) is written.
    """
    # an array that is taken out of a tuple has its references counted: once here, not in the loops
    users, items, levels = ratings.user, ratings.item, ratings.level
    constants, scratch, weights, head_weights = target.constants, target.scratch, rows.weights, head.weights
    n_rows, n_factors = layout.n_users + layout.n_items, layout.n_factors
    features, directions, implicit = feedback.features, feedback.moving.weights, layout.directions > 0
    share = np.float32(1 / batch_size)
    scores = np.empty(layout.outputs, dtype=np.float32)
    bends, slopes = np.empty_like(scores), np.empty_like(scores)
    met = np.empty(2 * batch_size, dtype=np.uint64)  # the distinct rows of the batch
    slots = np.full(n_rows, -1, dtype=np.int64)  # where in ``gradient`` that of a row begins
    gradient = np.zeros(2 * batch_size * max(layout.user_width, layout.item_width), dtype=np.float32)
    vectors = np.empty_like(gradient) if implicit else weights  # what is scored: rows of the batch, or of the table
    direction_gradient = np.zeros(len(directions), dtype=np.float32)
    head_gradient = np.zeros(len(head.weights), dtype=np.float32)
    settled = np.zeros(n_rows, dtype=np.int32)
    owed = np.empty((1, CHUNK, DEFERRED))
    sizes = np.empty((2, 5), dtype=np.float32)
    now = n = 0  # steps taken of this chunk, and its length
    for batch in range(len(losses)):
        done = schedule.done + batch
        if now == n:
            n, now = chunk(done, len(losses) - batch), 0
            begin_chunk(owed, 0, done, n)
            settled[:] = 0
        total = 0.0
        n_met, end = 0, np.uint64(0)
        for k in range(batch * batch_size, (batch + 1) * batch_size):
            rating = order[k]
            for row in (np.uint64(users[rating]), layout.n_users + np.uint64(items[rating])):
                if slots[row] < 0:
                    slots[row] = end
                    met[n_met] = row
                    n_met += 1
                    at, width = _place(layout, row)
                    if settled[row] < now:
                        _settle(rows, at, width, owed, 0, settled[row], False)
                    if implicit:
                        _move(weights, at, width, layout, row, features, directions, vectors, end)
                    end += width
        for k in range(batch * batch_size, (batch + 1) * batch_size):
            rating = order[k]
            user, item = np.uint64(users[rating]), np.uint64(items[rating])
            of_user, of_item = np.uint64(slots[user]), np.uint64(slots[layout.n_users + item])
            if implicit:
                user, item = of_user, of_item
            else:
                user, item = user * layout.user_width, layout.items + item * layout.item_width
            _score(vectors, layout, target, user, item, scores, bends)
            total += step(scores, levels[rating], constants, head_weights, slopes, head_gradient, scratch)
            for d in range(layout.outputs):
                slope = slopes[d] * bends[d] * share
                if d < layout.dots:
                    vector = d * n_factors
                    for f in range(n_factors):
                        gradient[of_user + f] += slope * vectors[item + vector + f]
                    for f in range(n_factors):
                        gradient[of_item + vector + f] += slope * vectors[user + f]
                gradient[of_user + n_factors + d] += slope
                if d < layout.item_biases:
                    gradient[of_item + layout.dots * n_factors + d] += slope
        losses[batch] = total / batch_size
        rate, momentum = schedule.rates[done], schedule.momenta[done]
        step_size(sizes, 0, rate, momentum, schedule.weight_decay, done + 1)
        step_size(sizes, 1, rate, momentum, 0.0, done + 1)
        for k in range(n_met):
            at, width = _place(layout, met[k])
            if implicit:
                _spread(gradient, np.uint64(slots[met[k]]), layout, met[k], features, direction_gradient)
            carry = carry_square = _ONE
            if settled[met[k]] < now:
                carry, carry_square = np.float32(owed[0, settled[met[k]], 2]), np.float32(owed[0, settled[met[k]], 3])
            _adam(rows, at, gradient, np.uint64(slots[met[k]]), width, sizes, 0, True, carry, carry_square)
            slots[met[k]] = -1
            settled[met[k]] = now + 1
        if implicit:
            _adam(feedback.moving, _START, direction_gradient, _START, np.uint64(len(directions)), sizes, 0, True, _ONE, _ONE)
        for h in range(np.uint64(len(head_gradient))):
            head_gradient[h] *= share
            _adam(head, h, head_gradient, h, np.uint64(1), sizes, head_sizes[h], True, _ONE, _ONE)
        defer(owed, 0, rate, momentum, schedule.weight_decay, done - now, now)
        now += 1
        if now == n:
            for row in range(n_rows):
                at, width = _place(layout, row)
                if settled[row] < now:
                    _settle(rows, at, width, owed, 0, settled[row], True)
        if done % CLEAN_EVERY == 0:
            clean(rows)
            clean(feedback.moving)
            clean(head)


@compiled(types.float64(STEP, COLUMNS, LAYOUT, TARGET, VECTOR, VECTOR))
def mean_loss(step, ratings, layout, target, weights, head_weights):  # type: ignore[no-untyped-def]
    """The mean loss over a part's ratings."""
    scores = np.empty(layout.outputs, dtype=np.float32)
    bends, slopes = np.empty_like(scores), np.empty_like(scores)
    unused = np.zeros(len(head_weights), dtype=np.float32)
    users, items, levels = ratings.user, ratings.item, ratings.level
    constants, scratch = target.constants, target.scratch
    total = 0.0
    for k in range(len(users)):
        user = np.uint64(users[k]) * layout.user_width
        item = layout.items + np.uint64(items[k]) * layout.item_width
        _score(weights, layout, target, user, item, scores, bends)
        total += step(scores, levels[k], constants, head_weights, slopes, unused, scratch)
    return total / len(users)


@compiled(types.void(OUTPUT, COLUMNS, LAYOUT, TARGET, VECTOR, VECTOR, types.float32[:, ::1]))
def predict(output, ratings, layout, target, weights, head_weights, out):  # type: ignore[no-untyped-def]
    """Write the outputs of a part's ratings, (n, width)."""
    scores = np.empty(layout.outputs, dtype=np.float32)
    bends = np.empty_like(scores)
    users, items, constants = ratings.user, ratings.item, target.constants
    for k in range(len(users)):
        user = np.uint64(users[k]) * layout.user_width
        item = layout.items + np.uint64(items[k]) * layout.item_width
        _score(weights, layout, target, user, item, scores, bends)
        output(scores, constants, head_weights, out[k])
