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


class Remembering(TwoTowers):
    """Its forward pass changes from call to call, by what it keeps in a list."""

    def __init__(self, sizes):
        super().__init__(sizes)
        self.seen = []

    def forward(self, user, item):
        self.seen.append(len(user))
        return super().forward(user, item) * (1 + 0.1 * len(self.seen))


class Averaging(TwoTowers):
    """It sets a buffer anew at every call in training."""

    def __init__(self, sizes):
        super().__init__(sizes)
        self.register_buffer("mean", torch.zeros(()))

    def forward(self, user, item):
        score = super().forward(user, item)
        if self.training:
            self.mean = 0.9 * self.mean + 0.1 * score.mean().detach()
        return score - self.mean


class Clamping(TwoTowers):
    """It writes into a parameter, but only where that has grown."""

    def forward(self, user, item):
        with torch.no_grad():
            self.bias.copy_(self.bias.clamp(max=0.6))
        return super().forward(user, item)


class Holding(TwoTowers):
    """It reads a parameter by a list, without a gradient."""

    def __init__(self, sizes):
        super().__init__(sizes)
        self.held = [self.user.weight]

    def forward(self, user, item):
        return super().forward(user, item) + self.held[0].detach()[user].sum(1)


class Straying(TwoTowers):
    """It asks for a row that there is not, though not in every batch."""

    def forward(self, user, item):
        return super().forward(torch.where(user == 150, user + 10**6, user), item)


class Narrow(TwoTowers):
    """Its row numbers are int32."""

    def forward(self, user, item):
        return super().forward(user.int(), item.int())


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


def remembering(sizes):
    return Remembering(sizes)


def averaging(sizes):
    return Averaging(sizes)


def clamping(sizes):
    return Clamping(sizes)


def holding(sizes):
    return Holding(sizes)


def straying(sizes):
    return Straying(sizes)


def narrow(sizes):
    return Narrow(sizes)
