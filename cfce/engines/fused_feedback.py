"""The implicit feedback of the fused engine: the features of users and items, and the directions that they learn to follow."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfce.engines.fused_layout import Layout, views
from cfce.engines.task import Task
from cfce.models.dot_product_bias_implicit import dot_product_bias_implicit
from cfce.models.dot_product_weights import FEEDBACK_RANK, initial_weights_of_feedback
from cfce.seeds import stream

Weights = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class ImplicitFeedback:
    """Features and first directions of a task, all empty for a scorer without implicit feedback."""

    features: Weights
    """By the name of the vectors that they move: (users, R) and (items, R)."""
    first: Weights
    """The first directions by name, (R, n_factors) and (R, dots * n_factors)."""

    @property
    def rank(self) -> int:
        """R, the directions of either side."""
        return FEEDBACK_RANK if self.features else 0

    def move(self, layout: Layout, rows: NDArray[np.float32], directions: NDArray[np.float32]) -> NDArray[np.float32]:
        """The rows with each vector moved by what its features say, as they are scored; ``rows`` itself without feedback."""
        if not self.features:
            return rows
        moved = rows.copy()
        vectors = views(layout, moved)
        named = named_parts(directions, self.first).values()
        for (name, features), of_side in zip(self.features.items(), named, strict=True):
            vectors[name] += features @ of_side
        return moved


def implicit_feedback(task: Task) -> ImplicitFeedback:
    """The features and first directions of a task's scorer."""
    if task.scorer is not dot_product_bias_implicit:
        return ImplicitFeedback({}, {})
    from cfce.models.feedback import feedback_features  # imports scipy, which takes as long as a fit without feedback

    sizes = task.sizes
    features = feedback_features(task.fold.train, sizes.n_users, sizes.n_items, FEEDBACK_RANK, stream(0, "feedback"))
    return ImplicitFeedback(
        dict(zip(("user_factors", "item_factors"), features, strict=True)),
        initial_weights_of_feedback(sizes, stream(task.seed, "feedback")),
    )


def flat(arrays: Weights) -> NDArray[np.float32]:
    """Arrays laid flat one after the other, (P,)."""
    return np.concatenate([np.empty(0, np.float32), *map(np.ravel, arrays.values())])


def named_parts(laid_flat: NDArray[np.float32], like: Weights) -> Weights:
    """What ``flat`` made of arrays of these names and shapes, by name.

    >>> named_parts(np.arange(3, dtype=np.float32), {"a": np.zeros((1, 2), np.float32), "b": np.zeros(1, np.float32)})
    {'a': array([[0., 1.]], dtype=float32), 'b': array([2.], dtype=float32)}
    """
    ends = np.cumsum([array.size for array in like.values()], dtype=np.int64)
    parts = np.split(laid_flat, ends[:-1]) if like else ()
    return {name: part.reshape(array.shape) for (name, array), part in zip(like.items(), parts, strict=True)}
