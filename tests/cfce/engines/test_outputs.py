"""Scorers that give D scores a rating, and what is told where D does not fit."""

import numpy as np
import pytest
import torch
from torch import nn

from cfce.engines import fit
from cfce.engines.fused_layout import pack, unpack
from cfce.engines.torch_engine import fit_batched
from cfce.errors import UserError
from cfce.models import Sizes, collab_nn, dot_product_bias
from cfce.models.dot_product_weights import initial_weights
from cfce.objectives import OBJECTIVES
from cfce.scale import RatingScale

FIVE = RatingScale((1, 2, 3, 4, 5))


class Columns(nn.Module):
    """Biases of users, as many columns as asked for."""

    def __init__(self, sizes, n):
        super().__init__()
        self.user = nn.Embedding(sizes.n_users, n)

    def forward(self, user, item):
        return self.user(user)


def columns(n):
    return lambda sizes: Columns(sizes, n)


@pytest.mark.parametrize("engine", ["torch", "fastai"])
def test_one_score_in_a_column_is_one_score(make_task, engine):
    flat = fit(make_task(scorer=lambda sizes: Squeezed(sizes)), engine)
    assert fit(make_task(scorer=columns(1)), engine).history[0].valid_loss == flat.history[0].valid_loss


class Squeezed(Columns):
    def __init__(self, sizes):
        super().__init__(sizes, 1)

    def forward(self, user, item):
        return self.user(user).squeeze(1)


@pytest.mark.parametrize("engine", ["torch", "fastai"])
@pytest.mark.parametrize(("objective", "n", "takes"), [("softmax", 3, r"\(B, 5\)"), ("squared-error", 5, r"\(B,\)")])
def test_a_wrong_number_of_scores_is_told_in_one_sentence(make_task, engine, objective, n, takes):
    with pytest.raises(UserError, match=rf"'Columns' gives scores of shape .*, {n}\) .*'{objective}' takes {takes}; give as"):
        fit(make_task(objective, scorer=columns(n)), engine)


@pytest.mark.parametrize("outputs", [(), ("bias",), ("user", "dot"), ("dot", "user", "bias"), ("dot", "cosine")])
def test_outputs_are_dots_then_biases_then_users(outputs):
    with pytest.raises(UserError, match="at least one 'dot', then any 'bias', then any 'user'"):
        Sizes(2, 2, 2, FIVE, outputs)


def test_each_kind_of_output_is_what_it_says():
    """Two dot products, one pair of biases and one number of the user, by hand."""
    sizes = Sizes(3, 4, 2, FIVE, ("dot", "dot", "bias", "user"))
    module, rng = dot_product_bias(sizes), np.random.default_rng(0)
    weights = {name: rng.normal(0, 1, one.shape) for name, one in initial_weights(sizes, rng).items()}
    module.load_state_dict({name: torch.from_numpy(one).float() for name, one in weights.items()})
    p, q, b, c = (weights[name] for name in ("user_factors", "item_factors", "user_bias", "item_bias"))
    (scores,) = module(torch.tensor([1]), torch.tensor([3])).detach().numpy()
    expected = [p[1] @ q[3, :2] + b[1, 0] + c[3, 0], p[1] @ q[3, 2:] + b[1, 1] + c[3, 1], b[1, 2] + c[3, 2], b[1, 3]]
    np.testing.assert_allclose(scores, expected, rtol=1e-5)


def test_rows_keep_the_weights_of_every_output():
    sizes = Sizes(3, 4, 5, FIVE, ("dot", "dot", "bias", "user"))
    weights = initial_weights(sizes, np.random.default_rng(0))
    back = unpack(sizes, pack(sizes, weights))
    assert list(back) == list(weights)
    assert all(np.array_equal(back[name], weights[name]) for name in weights)


def test_one_output_draws_the_weights_that_it_always_drew():
    weights = initial_weights(Sizes(3, 4, 2, FIVE), np.random.default_rng(0))
    assert {name: one.shape for name, one in weights.items()} == {
        "user_factors": (3, 2), "item_factors": (4, 2), "user_bias": (3,), "item_bias": (4,),
    }  # fmt: skip


@pytest.mark.parametrize("scorer", [dot_product_bias, collab_nn])
@pytest.mark.parametrize("objective", sorted(OBJECTIVES))
def test_a_batched_trial_trains_as_alone_and_as_by_fastai(make_task, scorer, objective):
    tasks = [make_task(objective, 400, scorer=scorer, batch_size=16, seed=seed, order=seed) for seed in (1, 2)]
    told = []
    batched = fit_batched(tasks, 2, told.append)
    assert told == []
    alone = fit(tasks[1], "fastai")
    assert batched[1].history[0].train_loss == pytest.approx(alone.history[0].train_loss, rel=1e-4)
    assert batched[1].history[0].valid_loss == pytest.approx(alone.history[0].valid_loss, rel=1e-3)
    assert batched[0].history != batched[1].history


def test_the_books_network_has_the_books_sizes():
    parameters = dict(collab_nn(Sizes(944, 1665, 50, FIVE)).named_parameters())
    assert parameters["user_factors.weight"].shape == (944, 74)
    assert parameters["item_factors.weight"].shape == (1665, 102)
    assert parameters["layers.0.weight"].shape == (100, 176)
    assert parameters["layers.2.weight"].shape == (1, 100)
