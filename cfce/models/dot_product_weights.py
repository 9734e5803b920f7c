"""The parameters of the built-in scorers of dot products: their shapes and first weights, without torch."""

import numpy as np
from numpy.typing import NDArray

from cfce.models.sizes import Sizes

FEEDBACK_RANK = 100
"""Directions of implicit feedback on either side, of the scorer that has them."""


def shapes(sizes: Sizes) -> dict[str, tuple[int, ...]]:
    """The parameters by name with their shapes, in the order in which they are drawn and laid out.

    Several dot products share the user's vector, and have their item vectors side by side.

    >>> from cfce.scale import RatingScale
    >>> shapes(Sizes(3, 4, 2, RatingScale((1, 2))))
    {'user_factors': (3, 2), 'item_factors': (4, 2), 'user_bias': (3,), 'item_bias': (4,)}
    """
    several = sizes.n_outputs > 1
    return {
        "user_factors": (sizes.n_users, sizes.n_factors),
        "item_factors": (sizes.n_items, sizes.n_dots * sizes.n_factors),
        "user_bias": (sizes.n_users, sizes.n_outputs) if several else (sizes.n_users,),
        "item_bias": (sizes.n_items, sizes.n_item_biases) if several else (sizes.n_items,),
    }


def initial_weights(sizes: Sizes, rng: np.random.Generator) -> dict[str, NDArray[np.float32]]:
    """The first weights by parameter name: standard normals, the remainder by 2, times 0.01, as fastai's ``Embedding``.

    >>> from cfce.scale import RatingScale
    >>> weights = initial_weights(Sizes(100, 100, 50, RatingScale((1, 2))), np.random.default_rng(0))
    >>> weights["user_factors"].shape, bool(abs(weights["user_factors"]).max() < 0.02)
    ((100, 50), True)
    """
    std = np.float32(0.01)
    return {name: np.fmod(rng.standard_normal(shape, np.float32), 2) * std for name, shape in shapes(sizes).items()}


def initial_weights_of_feedback(sizes: Sizes, rng: np.random.Generator) -> dict[str, NDArray[np.float32]]:
    """The first weights of feedback by name, (``FEEDBACK_RANK``, n_factors), for items n_dots times as wide; small as vectors."""
    widths = {"user_directions": sizes.n_factors, "item_directions": sizes.n_dots * sizes.n_factors}
    std = np.float32(0.01)
    return {name: np.fmod(rng.standard_normal((FEEDBACK_RANK, width), np.float32), 2) * std for name, width in widths.items()}
