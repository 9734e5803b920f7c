"""Implicit feedback as features of users and items, and the scorer whose vectors depend on them."""

import numpy as np
import pytest
import torch

from cfce.engines.network import build_network
from cfce.engines.task import Task
from cfce.models import Sizes, dot_product_bias, dot_product_bias_implicit
from cfce.models.dot_product_weights import FEEDBACK_RANK
from cfce.models.feedback import POWER, feedback_features
from cfce.objectives import OBJECTIVES
from cfce.options import TrainingOptions
from cfce.ratings import Ratings
from cfce.scale import RatingScale
from cfce.seeds import stream
from cfce.splits import Fold, Part

FIVE = RatingScale((1, 2, 3, 4, 5))
N_USERS, N_ITEMS, N = 12, 9, 60


@pytest.fixture
def train():
    """60 ratings, some of one pair twice; user 5 and item 4 have none, and 0 is the unknown."""
    rng = np.random.default_rng(0)
    user = rng.choice([1, 2, 3, 4, 6, 7, 8, 9, 10, 11], N).astype(np.int32)
    item = rng.choice([1, 2, 3, 5, 6, 7, 8], N).astype(np.int32)
    return Part(user, item, rng.integers(0, 5, N).astype(np.uint8))


def test_with_every_direction_the_products_of_features_are_those_of_the_scaled_binary_matrix(train):
    users, items = feedback_features(train, N_USERS, N_ITEMS, 20, np.random.default_rng(0))
    binary = np.zeros((N_USERS, N_ITEMS))
    binary[train.user, train.item] = 1
    for features, x in ((users, binary), (items, binary.T)):
        x = x * np.maximum(x.sum(axis=1, keepdims=True), 1) ** -POWER
        x /= np.sqrt((x**2).sum() / (x.sum(axis=1) > 0).sum())  # a mean squared norm of 1 over the rows that have entries
        np.testing.assert_allclose(features @ features.T, x @ x.T, atol=1e-4)


def test_users_and_items_that_train_lacks_have_no_features(train):
    users, items = feedback_features(train, N_USERS, N_ITEMS, 3, np.random.default_rng(0))
    np.testing.assert_allclose(users[[0, 5]], 0, atol=1e-6)
    np.testing.assert_allclose(items[[0, 4]], 0, atol=1e-6)
    assert (np.abs(users[[1, 2, 3, 4, 6]]).max(axis=1) > 0.01).all()


def test_a_level_changes_no_feature(train):
    other = Part(train.user, train.item, (4 - train.level).astype(np.uint8))
    features = [feedback_features(part, N_USERS, N_ITEMS, 3, np.random.default_rng(0)) for part in (train, other)]
    for one, two in zip(*features, strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("outputs", [("dot",), ("dot", "dot", "bias", "user")])
def test_the_score_is_that_of_vectors_moved_by_what_the_features_say(train, outputs):
    sizes = Sizes(N_USERS, N_ITEMS, 2, FIVE, outputs, train)
    scorer, plain = dot_product_bias_implicit(sizes), dot_product_bias(sizes)
    users, items = feedback_features(train, N_USERS, N_ITEMS, FEEDBACK_RANK, stream(0, "feedback"))
    np.testing.assert_array_equal(scorer.user_feedback, users)
    np.testing.assert_array_equal(scorer.item_feedback, items)
    with torch.no_grad():
        for weights in scorer.parameters():
            weights.normal_()
        named = dict(scorer.named_parameters())
        plain.user_factors.copy_(named["user_factors"] + scorer.user_feedback @ named["user_directions"])
        plain.item_factors.copy_(named["item_factors"] + scorer.item_feedback @ named["item_directions"])
        plain.user_bias.copy_(named["user_bias"])
        plain.item_bias.copy_(named["item_bias"])
        user, item = torch.from_numpy(train.user).long(), torch.from_numpy(train.item).long()
        torch.testing.assert_close(scorer(user, item), plain(user, item))


def test_it_starts_from_the_vectors_and_biases_of_the_scorer_without_feedback(train):
    ids = np.arange(N_USERS - 1), np.arange(N_ITEMS - 1)
    rows = np.arange(N, dtype=np.int32)
    fold = Fold(Ratings(train.user, train.item, train.level, *ids, FIVE), "random-80-20", 0, rows, rows[:0], rows[:0])
    options = TrainingOptions(n_factors=2)
    first, second = (
        dict(build_network(Task(fold, scorer, OBJECTIVES["ordrec"], options, 3, 3)).scorer.named_parameters())
        for scorer in (dot_product_bias, dot_product_bias_implicit)
    )
    assert set(second) - set(first) == {"user_directions", "item_directions"}
    for name, weights in first.items():
        torch.testing.assert_close(second[name], weights, rtol=0, atol=0)
