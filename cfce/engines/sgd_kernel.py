"""The compiled loop of stochastic gradient descent by single ratings. Importing this file imports numba.

What is compiled together stays in one file, so the score is computed here too: see ``cfce.engines.fused_kernel``.
Source: Funk, Netflix Update: Try This at Home (2006); Koren, Bell and Volinsky, Matrix Factorization Techniques for
Recommender Systems (2009), for L2 regularisation of factors and biases.
"""

import numpy as np
from numba import types

from cfce.engines.compiled import compiled
from cfce.engines.fused_types import CODES, COLUMNS, DOUBLE, LAYOUT, OFFSET, STEP, TARGET, VECTOR

_GOLDEN, _FIRST, _SECOND = (np.uint64(one) for one in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_27, _30, _31, _32 = (np.uint64(bits) for bits in (27, 30, 31, 32))


PACKED = types.uint64[::1]
_LEVEL_BITS = np.uint64(8)
_LEVEL = np.uint64(255)


@compiled(types.void(COLUMNS, OFFSET, PACKED))
def pack_ratings(ratings, item_bits, packed):  # type: ignore[no-untyped-def]
    """Write each rating as one number, user above item above level, so that an epoch reads and shuffles one array, not four."""
    users, items, levels = ratings.user, ratings.item, ratings.level
    for k in range(len(users)):
        packed[k] = (((np.uint64(users[k]) << item_bits) | np.uint64(items[k])) << _LEVEL_BITS) | np.uint64(levels[k])


@compiled(types.void(PACKED, CODES, PACKED))
def take(packed, rows, out):  # type: ignore[no-untyped-def]
    """Write the ratings of ``rows`` to ``out``."""
    for k in range(len(rows)):
        out[k] = packed[rows[k]]


@compiled(types.void(PACKED, types.uint64))
def shuffle(order, seed):  # type: ignore[no-untyped-def]
    """Put up to 2^32 ratings into a random order that depends on the seed alone.

    NumPy's shuffle would take as long as an epoch of training.
    Source: Durstenfeld, Algorithm 235: Random Permutation (1964); Steele, Lea and Flood, Fast Splittable Pseudorandom Number
    Generators (2014), section 5, for the bits (SplitMix64).
    """
    state = seed
    for k in range(len(order) - 1, 0, -1):
        state += _GOLDEN
        bits = (state ^ (state >> _30)) * _FIRST
        bits = (bits ^ (bits >> _27)) * _SECOND
        bits ^= bits >> _31
        other = ((bits >> _32) * np.uint64(k + 1)) >> _32
        order[k], order[other] = order[other], order[k]


@compiled(
    types.void(
        STEP, PACKED, OFFSET, types.int64, LAYOUT, TARGET, VECTOR, VECTOR, types.float32, types.float32, DOUBLE
    ),
    fastmath={"contract", "arcp", "reassoc"},
)  # fmt: skip
def sgd_epoch(  # type: ignore[no-untyped-def]
    step, ratings, item_bits, batch_size, layout, target, weights, head, rate, regularization, losses
):
    """One step for each of the packed ratings: weights w that it meets move by -rate * (d loss / d w + regularization * w).

    ``weights`` are the scorer's rows, and ``head`` the objective's parameters, which are not regularised. ``losses`` takes the
    mean loss of each batch of ratings, each before its step.
    """
    constants, scratch = target.constants, target.scratch
    n_factors, dots, outputs, item_biases = layout.n_factors, layout.dots, layout.outputs, layout.item_biases
    width = layout.user_width
    span, low = target.high - target.low, target.low
    item_mask = (np.uint64(1) << item_bits) - np.uint64(1)
    scores = np.empty(outputs, dtype=np.float32)
    bends, slopes = np.empty_like(scores), np.empty_like(scores)
    head_gradient = np.zeros(len(head), dtype=np.float32)
    for_user = np.empty(n_factors, dtype=np.float32)
    one, keep = np.float32(1), np.float32(1) - rate * regularization
    total, batch, taken = 0.0, 0, 0
    for k in range(len(ratings)):
        level = np.int64(ratings[k] & _LEVEL)
        code = ratings[k] >> _LEVEL_BITS
        user, item = (code >> item_bits) * layout.user_width, layout.items + (code & item_mask) * layout.item_width
        user_bias, item_bias = user + n_factors, item + dots * n_factors
        if outputs == 1:  # apart, over whole rows: factors, bias and zeros, without a remainder
            product = np.float32(0)
            for f in range(width):
                product += weights[user + f] * weights[item + f]
            b, c = weights[user_bias], weights[item_bias]
            score = product - b * c + b + c
            bend = one
            if span > 0:
                share = one / (one + np.exp(-score))
                score = low + span * share
                bend = span * share * (one - share)
            scores[0] = score
        else:
            for d in range(outputs):
                score = weights[user_bias + d]
                if d < item_biases:
                    score += weights[item_bias + d]
                if d < dots:
                    product, vector = np.float32(0), item + d * n_factors
                    for f in range(n_factors):
                        product += weights[user + f] * weights[vector + f]
                    score += product
                if span > 0:
                    share = one / (one + np.exp(-score))
                    score = low + span * share
                    bends[d] = span * share * (one - share)
                scores[d] = score
        total += step(scores, level, constants, head, slopes, head_gradient, scratch)
        taken += 1
        if taken == batch_size:
            if batch < len(losses):
                losses[batch] = total / batch_size
            total, batch, taken = 0.0, batch + 1, 0
        if outputs == 1:
            move = -rate * slopes[0] * bend
            b, c = weights[user_bias], weights[item_bias]
            for f in range(width):
                p, q = weights[user + f], weights[item + f]
                weights[user + f] = keep * p + move * q
                weights[item + f] = keep * q + move * p
            weights[user_bias] = keep * b + move
            weights[item_bias] = keep * c + move
        else:
            for f in range(n_factors):
                for_user[f] = keep * weights[user + f]
            for d in range(outputs):
                move = -rate * slopes[d]
                if span > 0:
                    move *= bends[d]
                weights[user_bias + d] = keep * weights[user_bias + d] + move
                if d < item_biases:
                    weights[item_bias + d] = keep * weights[item_bias + d] + move
                if d < dots:
                    vector = item + d * n_factors
                    for f in range(n_factors):
                        q = weights[vector + f]
                        for_user[f] += move * q
                        weights[vector + f] = keep * q + move * weights[user + f]
            for f in range(n_factors):
                weights[user + f] = for_user[f]
        for h in range(len(head)):
            head[h] -= rate * head_gradient[h]
            head_gradient[h] = 0


@compiled(
    types.void(PACKED, OFFSET, types.int64, LAYOUT, TARGET, VECTOR, types.float32, types.float32, DOUBLE),
    fastmath={"contract", "arcp", "reassoc"},
)  # fmt: skip
def squared_epoch(  # type: ignore[no-untyped-def]
    ratings, item_bits, batch_size, layout, target, weights, rate, regularization, losses
):
    """``sgd_epoch`` for a kernel that is ``squared``, which has one output and no parameters, with its loss in place.

    A call of a step passes 40 numbers through memory, which takes longer than all else that a rating needs.
    """
    values, width, n_factors = target.constants, layout.user_width, layout.n_factors
    span, low, shift = target.high - target.low, target.low, values[len(values) - 1]
    item_mask = (np.uint64(1) << item_bits) - np.uint64(1)
    one, two, keep = np.float32(1), np.float32(2), np.float32(1) - rate * regularization
    for batch in range((len(ratings) + batch_size - 1) // batch_size):
        total = 0.0
        for k in range(batch * batch_size, min((batch + 1) * batch_size, len(ratings))):
            level, code = ratings[k] & _LEVEL, ratings[k] >> _LEVEL_BITS
            user, item = (code >> item_bits) * width, layout.items + (code & item_mask) * width
            product = np.float32(0)
            for f in range(width):
                product += weights[user + f] * weights[item + f]
            b, c = weights[user + n_factors], weights[item + n_factors]
            score = product - b * c + b + c
            if span > 0:
                share = one / (one + np.exp(-score))
                error = low + span * share - values[level]
                bend = span * share * (one - share)
            else:
                error = score + shift - values[level]
                bend = one
            total += error * error
            move = -rate * two * error * bend
            for f in range(width):
                p, q = weights[user + f], weights[item + f]
                weights[user + f] = keep * p + move * q
                weights[item + f] = keep * q + move * p
            weights[user + n_factors] = keep * b + move
            weights[item + n_factors] = keep * c + move
        if batch < len(losses):
            losses[batch] = total / batch_size
