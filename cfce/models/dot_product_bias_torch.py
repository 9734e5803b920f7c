"""``DotProductBias`` as chapter 8 of the fastai book writes it with its own parameters. Importing this file imports torch.

The book's sigmoid range is not here but in the objective, because a classifier may do without it.
Source: Howard and Gugger, Deep Learning for Coders (2020), chapter 8.
"""

import torch
from torch import nn
from torch.nn.functional import embedding

from cfce.models.sizes import Sizes


def create_params(*shape: int) -> nn.Parameter:
    """Parameters that start as fastai's ``Embedding``: standard normals, the remainder by 2, times 0.01."""
    return nn.Parameter(torch.randn(shape).fmod(2) * 0.01)


class DotProductBias(nn.Module):
    """Score of a user and an item: dot product of their latent factors, plus a bias for each."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.user_factors = create_params(sizes.n_users, sizes.n_factors)
        self.item_factors = create_params(sizes.n_items, sizes.n_factors)
        self.user_bias = create_params(sizes.n_users)
        self.item_bias = create_params(sizes.n_items)

    def forward(self, user: torch.Tensor, item: torch.Tensor) -> torch.Tensor:
        """User and item codes, (B,) each, to scores (B,)."""
        users = embedding(user, self.user_factors)  # (B, n_factors)
        items = embedding(item, self.item_factors)  # (B, n_factors)
        return (users * items).sum(dim=1) + self.user_bias[user] + self.item_bias[item]  # (B,)
