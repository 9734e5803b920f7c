"""``DotProductBias`` as chapter 8 of the fastai book writes it with its own parameters. Importing this file imports torch.

The book's sigmoid range is not here but in the objective, because a classifier may do without it.
Source: Howard and Gugger, Deep Learning for Coders (2020), chapter 8.
"""

import torch
from torch import nn
from torch.nn.functional import embedding, pad

from cfce.models.dot_product_weights import shapes
from cfce.models.sizes import Sizes


def create_params(*shape: int) -> nn.Parameter:
    """Parameters that start as fastai's ``Embedding``: standard normals, the remainder by 2, times 0.01."""
    return nn.Parameter(torch.randn(shape).fmod(2) * 0.01)


class DotProductBias(nn.Module):
    """Score of a user and an item: dot product of their latent factors, plus a bias for each."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        shape = shapes(sizes)
        self.user_factors = create_params(*shape["user_factors"])
        self.item_factors = create_params(*shape["item_factors"])
        self.user_bias = create_params(*shape["user_bias"])
        self.item_bias = create_params(*shape["item_bias"])

    def forward(self, user: torch.Tensor, item: torch.Tensor) -> torch.Tensor:
        """User and item codes, (B,) each, to scores (B,)."""
        users, items = self.user_vectors(user), self.item_vectors(item)  # (B, n_factors)
        return (users * items).sum(dim=1) + self.user_bias[user] + self.item_bias[item]  # (B,)

    def user_vectors(self, user: torch.Tensor) -> torch.Tensor:
        """The vectors of users, (B, n_factors)."""
        return embedding(user, self.user_factors)

    def item_vectors(self, item: torch.Tensor) -> torch.Tensor:
        """The vectors of items, (B, n_dots * n_factors), those of several dot products side by side."""
        return embedding(item, self.item_factors)


class DotProductBiases(DotProductBias):
    """The same for D > 1 outputs: item vectors for those that are dot products, item biases for those that have one."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes)
        self.n_dots, self.n_factors = sizes.n_dots, sizes.n_factors
        self.without_dot = sizes.n_outputs - sizes.n_dots
        self.without_item = sizes.n_outputs - sizes.n_item_biases

    def forward(self, user: torch.Tensor, item: torch.Tensor) -> torch.Tensor:
        """User and item codes, (B,) each, to scores (B, D)."""
        users = self.user_vectors(user)  # (B, n_factors)
        items = self.item_vectors(item).view(-1, self.n_dots, self.n_factors)  # (B, n_dots, n_factors)
        dots = (users.unsqueeze(1) * items).sum(dim=2)  # (B, n_dots)
        of_user = embedding(user, self.user_bias)  # (B, D)
        of_item = embedding(item, self.item_bias)  # (B, item biases)
        return pad(dots, (0, self.without_dot)) + of_user + pad(of_item, (0, self.without_item))  # (B, D)
