"""The compiled loop of stochastic gradient descent by single ratings. Importing this file imports numba.

What is compiled together stays in one file, so the score is computed here too: see ``cfce.engines.fused_kernel``.
Source: Funk, Netflix Update: Try This at Home (2006); Koren, Bell and Volinsky, Matrix Factorization Techniques for
Recommender Systems (2009), for L2 regularisation of factors and biases.
"""

import numpy as np
from numba import types

from cfce.engines.compiled import compiled
from cfce.engines.fused_types import COLUMNS, DOUBLE, LAYOUT, STEP, TARGET, VECTOR

_GOLDEN, _FIRST, _SECOND = (np.uint64(one) for one in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_27, _30, _31, _32 = (np.uint64(bits) for bits in (27, 30, 31, 32))


@compiled(types.void(types.int32[::1], types.uint64))
def shuffle(order, seed):  # type: ignore[no-untyped-def]
    """Put up to 2^32 numbers into a random order that depends on the seed alone.

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
        STEP, COLUMNS, types.int32[::1], types.int64, LAYOUT, TARGET, VECTOR, VECTOR, types.float32, types.float32, DOUBLE
    ),
    fastmath={"contract", "arcp", "reassoc"},
)
def sgd_epoch(  # type: ignore[no-untyped-def]
    step, ratings, order, batch_size, layout, target, weights, head, rate, regularization, losses
):
    """One step for each rating of ``order``: weights w that it meets move by -rate * (d loss / d w + regularization * w).

    ``weights`` are the scorer's rows, and ``head`` the objective's parameters, which are not regularised. ``losses`` takes the
    mean loss of each batch of ratings, each before its step.
    """
    users, items, levels = ratings.user, ratings.item, ratings.level
    constants, scratch = target.constants, target.scratch
    n_factors, dots, outputs, item_biases = layout.n_factors, layout.dots, layout.outputs, layout.item_biases
    span, low = target.high - target.low, target.low
    scores = np.empty(outputs, dtype=np.float32)
    bends, slopes = np.empty_like(scores), np.empty_like(scores)
    head_gradient = np.zeros(len(head), dtype=np.float32)
    for_user = np.empty(n_factors, dtype=np.float32)
    one, keep = np.float32(1), np.float32(1) - rate * regularization
    total, batch, taken = 0.0, 0, 0
    for k in range(len(order)):
        rating = order[k]
        user = np.uint64(users[rating]) * layout.user_width
        item = layout.items + np.uint64(items[rating]) * layout.item_width
        user_bias, item_bias = user + n_factors, item + dots * n_factors
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
        total += step(scores, levels[rating], constants, head, slopes, head_gradient, scratch)
        taken += 1
        if taken == batch_size:
            if batch < len(losses):
                losses[batch] = total / batch_size
            total, batch, taken = 0.0, batch + 1, 0
        if outputs == 1:  # apart, because loops that run once take longer to begin than to do
            move = -rate * slopes[0]
            if span > 0:
                move *= bends[0]
            weights[user_bias] = keep * weights[user_bias] + move
            weights[item_bias] = keep * weights[item_bias] + move
            for f in range(n_factors):
                p, q = weights[user + f], weights[item + f]
                weights[user + f] = keep * p + move * q
                weights[item + f] = keep * q + move * p
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
