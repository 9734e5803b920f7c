"""The built-in scorer: a dot product of latent factors, plus a bias for the user and one for the item.

The module itself is in ``dot_product_bias_torch``; this file can be used without torch.
Source: Howard and Gugger, Deep Learning for Coders (2020), chapter 8.
"""

from typing import TYPE_CHECKING

from cfce.models.sizes import Sizes

if TYPE_CHECKING:
    from torch import nn


def dot_product_bias(sizes: Sizes) -> "nn.Module":
    """The scorer: ``forward(user (B,), item (B,)) -> (B,)``, or ``(B, D)`` for D outputs, unbounded."""
    from cfce.models.dot_product_bias_torch import DotProductBias, DotProductBiases

    return DotProductBias(sizes) if sizes.n_outputs == 1 else DotProductBiases(sizes)
