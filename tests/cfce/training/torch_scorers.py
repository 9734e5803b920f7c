"""Scorers as a user would register them."""

import torch
from torch import nn


class TwoTowers(nn.Module):
    """Embeddings, a hidden layer with a norm, and a parameter of its own."""

    def __init__(self, sizes, between=None):
        super().__init__()
        self.user = nn.Embedding(sizes.n_users, 8)
        self.item = nn.Embedding(sizes.n_items, 8)
        self.layers = nn.Sequential(nn.Linear(16, 16), nn.LayerNorm(16), between or nn.ReLU(), nn.Linear(16, 1))
        self.bias = nn.Parameter(torch.full((1,), 0.5))
        self.unused = nn.Parameter(torch.ones(3))

    def forward(self, user, item):
        return self.layers(torch.cat([self.user(user), self.item(item)], dim=1)).squeeze(1) + self.bias


class Counting(TwoTowers):
    """Its forward pass changes from call to call."""

    def __init__(self, sizes):
        super().__init__(sizes)
        self.calls = 0

    def forward(self, user, item):
        self.calls += 1
        return super().forward(user, item) * (1 + 0.1 * self.calls)


class Branching(TwoTowers):
    """What it computes depends on the values that it sees."""

    def forward(self, user, item):
        score = super().forward(user, item)
        return score if score.sum() > 0 else -score


def two_towers(sizes):
    return TwoTowers(sizes)


def with_dropout(sizes):
    return TwoTowers(sizes, nn.Dropout(0.2))


def with_batch_norm(sizes):
    return TwoTowers(sizes, nn.BatchNorm1d(16))


def counting(sizes):
    return Counting(sizes)


def branching(sizes):
    return Branching(sizes)


class Regularised(TwoTowers):
    """Its user table is looked up twice and also used whole."""

    def forward(self, user, item):
        return super().forward(user, item) + self.user(item % 5).sum(1) + self.user.weight.mean()


def regularised(sizes):
    return Regularised(sizes)


class Twice(TwoTowers):
    """Reads each table at two places."""

    def forward(self, user, item):
        return super().forward(user, item) + (self.user(user.flip(0)) * self.item(item % 7)).sum(1)


def twice(sizes):
    return Twice(sizes)


def padded(sizes):
    """User 3 is taken for padding, whose row has no gradient."""
    module = TwoTowers(sizes)
    module.user.padding_idx = 3
    return module


def patched(sizes):
    """A forward pass that holds on to the tensors of this one module."""
    module = TwoTowers(sizes)
    forward = module.forward
    weight = module.user.weight
    module.forward = lambda user, item: forward(user, item) + weight[user].sum(1)
    return module
