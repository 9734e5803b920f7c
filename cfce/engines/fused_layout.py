"""How the fused engine lays out the weights of the dot products: one row of numbers for each user and each item.

A row holds the user's or item's latent factors, then its biases, then zeros up to a whole number of vector registers, so that
one visit to a row reads and moves all that belongs to it and no loop ends in a remainder.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cfce.models.dot_product_weights import shapes
from cfce.models.sizes import Sizes

LANES = 16
"""Rows are as wide as a multiple of this many float32: a vector register of AVX-512, or two of AVX2."""


class Layout(NamedTuple):
    """The sizes that the compiled loops need, all unsigned: an index that might be negative is slower to compute.

    User rows come first, each ``user_width`` wide; the item rows begin at ``items``, each ``item_width`` wide.
    """

    n_users: np.uint64
    n_items: np.uint64
    n_factors: np.uint64
    dots: np.uint64
    """Outputs that are dot products, each with an item vector of its own."""
    outputs: np.uint64
    """All outputs, D; each has a user bias."""
    item_biases: np.uint64
    """Outputs that have an item bias: the first of them."""
    user_width: np.uint64
    item_width: np.uint64
    items: np.uint64
    directions: np.uint64
    """Directions of implicit feedback that move the vectors of users, and as many those of items: a multiple of 4, 0 without."""

    @property
    def size(self) -> int:
        """The numbers of all rows, padding included."""
        return int(self.items + self.n_items * self.item_width)


def layout_of(sizes: Sizes, directions: int = 0) -> Layout:
    """The layout of a scorer's weights, with so many directions of implicit feedback.

    >>> from cfce.scale import RatingScale
    >>> layout = layout_of(Sizes(3, 4, 10, RatingScale((1, 2))))
    >>> int(layout.user_width), int(layout.items), layout.size
    (16, 48, 112)
    """
    if directions % 4:
        raise ValueError(f"{directions} directions came; the compiled loops take them in fours")
    user_width = _padded(sizes.n_factors + sizes.n_outputs)
    item_width = _padded(sizes.n_dots * sizes.n_factors + sizes.n_item_biases)
    numbers = (
        sizes.n_users,
        sizes.n_items,
        sizes.n_factors,
        sizes.n_dots,
        sizes.n_outputs,
        sizes.n_item_biases,
        user_width,
        item_width,
        sizes.n_users * user_width,
        directions,
    )
    return Layout(*(np.uint64(number) for number in numbers))


def pack(sizes: Sizes, weights: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """The weights by name as rows laid flat."""
    layout = layout_of(sizes)
    flat = np.zeros(layout.size, dtype=np.float32)
    for name, view in views(layout, flat).items():
        view[...] = weights[name].reshape(view.shape)
    return flat


def unpack(sizes: Sizes, flat: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """The weights by name, in the order and with the shapes of ``cfce.models.dot_product_weights.shapes``."""
    found = views(layout_of(sizes), flat)
    return {name: found[name].reshape(shape) for name, shape in shapes(sizes).items()}


def views(layout: Layout, flat: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Where in the rows the weights of each name are, (rows, numbers a row) each."""
    users = flat[: int(layout.items)].reshape(int(layout.n_users), int(layout.user_width))
    items = flat[int(layout.items) :].reshape(int(layout.n_items), int(layout.item_width))
    n, m = int(layout.n_factors), int(layout.dots * layout.n_factors)
    return {
        "user_factors": users[:, :n],
        "item_factors": items[:, :m],
        "user_bias": users[:, n : n + int(layout.outputs)],
        "item_bias": items[:, m : m + int(layout.item_biases)],
    }


def _padded(width: int) -> int:
    return -(-width // LANES) * LANES
