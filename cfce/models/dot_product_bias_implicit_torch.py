"""``DotProductBias`` whose vectors also depend on implicit feedback. Importing this file imports torch."""

import torch
from torch.nn.functional import embedding

from cfce.models.dot_product_bias_torch import DotProductBias, DotProductBiases, create_params
from cfce.models.dot_product_weights import FEEDBACK_RANK
from cfce.models.feedback import feedback_features
from cfce.models.sizes import Sizes
from cfce.seeds import stream


class DotProductBiasImplicit(DotProductBias):
    """Score of a user and an item: (p_u + W' v_u) . (q_i + U' v_i), plus a bias for each; v are fixed, W and U learnt.

    Built without ratings, as for a diagram, all v are 0.
    """

    user_feedback: torch.Tensor
    item_feedback: torch.Tensor

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes)
        self.user_directions = create_params(FEEDBACK_RANK, sizes.n_factors)
        self.item_directions = create_params(FEEDBACK_RANK, sizes.n_dots * sizes.n_factors)
        users, items = torch.zeros(sizes.n_users, FEEDBACK_RANK), torch.zeros(sizes.n_items, FEEDBACK_RANK)
        if sizes.train is not None:
            found = feedback_features(sizes.train, sizes.n_users, sizes.n_items, FEEDBACK_RANK, stream(0, "feedback"))
            users, items = (torch.from_numpy(features) for features in found)
        self.register_buffer("user_feedback", users, persistent=False)  # (n_users, FEEDBACK_RANK)
        self.register_buffer("item_feedback", items, persistent=False)  # (n_items, FEEDBACK_RANK)

    def user_vectors(self, user: torch.Tensor) -> torch.Tensor:
        """p_u + W' v_u, (B, n_factors)."""
        return super().user_vectors(user) + embedding(user, self.user_feedback) @ self.user_directions

    def item_vectors(self, item: torch.Tensor) -> torch.Tensor:
        """q_i + U' v_i, (B, n_dots * n_factors)."""
        return super().item_vectors(item) + embedding(item, self.item_feedback) @ self.item_directions


class DotProductBiasesImplicit(DotProductBiasImplicit, DotProductBiases):
    """The same for D > 1 outputs: (B, D)."""
