"""The book's neural network: embeddings of user and item side by side, through two linear layers.

The module itself is in ``collab_nn_torch``; this file can be used without torch.
Source: Howard and Gugger, Deep Learning for Coders (2020), chapter 8, ``CollabNN``.
"""

from typing import TYPE_CHECKING

from cfce.models.sizes import Sizes

if TYPE_CHECKING:
    from torch import nn


def collab_nn(sizes: Sizes) -> "nn.Module":
    """The scorer: ``forward(user (B,), item (B,)) -> (B,)``, or ``(B, D)`` for D outputs, unbounded."""
    from cfce.models.collab_nn_torch import CollabNN

    return CollabNN(sizes)
