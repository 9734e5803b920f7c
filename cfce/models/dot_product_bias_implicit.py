"""The dot product and biases with implicit feedback: vectors also depend on who rated what in train.

A user's vector is p_u + W' v_u and an item's q_i + U' v_i, where v are the features of ``cfce.models.feedback`` and W and U
are learnt; the vectors of a user with few ratings come from those with like feedback. The module itself is in
``dot_product_bias_implicit_torch``; this file can be used without torch.
Source: Koren, Factorization Meets the Neighborhood (2008), section 4, for implicit feedback in a user's vector (SVD++); here by
the main directions of the matrix of feedback, for users and items alike.
"""

from typing import TYPE_CHECKING

from cfce.models.sizes import Sizes

if TYPE_CHECKING:
    from torch import nn


def dot_product_bias_implicit(sizes: Sizes) -> "nn.Module":
    """The scorer: ``forward(user (B,), item (B,)) -> (B,)``, or ``(B, D)`` for D outputs, unbounded."""
    from cfce.models.dot_product_bias_implicit_torch import DotProductBiasesImplicit, DotProductBiasImplicit

    return DotProductBiasImplicit(sizes) if sizes.n_outputs == 1 else DotProductBiasesImplicit(sizes)
