"""``CollabNN`` of chapter 8 of the fastai book, without its sigmoid range. Importing this file imports torch.

Source: Howard and Gugger, Deep Learning for Coders (2020), chapter 8.
"""

import math

import torch
from torch import nn

from cfce.models.dot_product_bias_torch import create_params
from cfce.models.sizes import Sizes

N_ACTIVATIONS = 100
"""Width of the hidden layer: the book's."""


class CollabNN(nn.Module):
    """Embeddings of user and item side by side, a hidden layer, and D outputs; ``n_factors`` is not used."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        user_width, item_width = embedding_size(sizes.n_users), embedding_size(sizes.n_items)
        self.user_factors = nn.Embedding(sizes.n_users, user_width, _weight=create_params(sizes.n_users, user_width))
        self.item_factors = nn.Embedding(sizes.n_items, item_width, _weight=create_params(sizes.n_items, item_width))
        self.layers = nn.Sequential(
            nn.Linear(user_width + item_width, N_ACTIVATIONS), nn.ReLU(), nn.Linear(N_ACTIVATIONS, sizes.n_outputs)
        )

    def forward(self, user: torch.Tensor, item: torch.Tensor) -> torch.Tensor:
        """User and item codes, (B,) each, to scores (B, D)."""
        scores: torch.Tensor = self.layers(torch.cat([self.user_factors(user), self.item_factors(item)], dim=1))
        return scores


def embedding_size(n: int) -> int:
    """How wide fastai makes the embedding of n categories.

    >>> embedding_size(944), embedding_size(1665)
    (74, 102)
    """
    return min(600, round(1.6 * math.pow(n, 0.56)))
