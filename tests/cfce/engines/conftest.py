import numpy as np
import pytest

from cfce.engines.task import Task
from cfce.models import dot_product_bias
from cfce.objectives import OBJECTIVES
from cfce.options import TrainingOptions
from cfce.ratings import Ratings
from cfce.scale import RatingScale
from cfce.splits import split_ratings


def drawn_ratings(n, n_users, n_items, scale):
    """Ratings with user and item biases, popular items and noise."""
    rng = np.random.default_rng(0)
    popularity = rng.random(n_items) ** 3
    user = rng.integers(1, n_users + 1, n, dtype=np.int32)
    item = (rng.choice(n_items, n, p=popularity / popularity.sum()) + 1).astype(np.int32)
    liking = rng.normal(0, 0.6, n_users + 1)[user] + rng.normal(0, 0.6, n_items + 1)[item] + rng.normal(0, 0.8, n)
    level = np.clip(np.round((0.6 + 0.2 * liking) * (len(scale) - 1)), 0, len(scale) - 1).astype(np.uint8)
    return Ratings(user, item, level, np.arange(n_users), np.arange(n_items), RatingScale(scale))


@pytest.fixture
def one_thread():
    """As in the harness: at these sizes a second thread only waits for the first."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def make_task():
    """A function that makes a task of n training ratings; options by keyword."""

    def make(
        objective="squared-error",
        n_train=800,
        *,
        scorer=dot_product_bias,
        seed=1,
        order=2,
        device="cpu",
        scale=(1, 2, 3, 4, 5),
        n_users=200,
        n_items=300,
        **options,
    ):
        ratings = drawn_ratings(-(-n_train * 10 // 8), n_users, n_items, scale)
        fold = split_ratings(ratings, "random-80-10-10", 0)
        chosen = OBJECTIVES[objective] if isinstance(objective, str) else objective
        return Task(fold, scorer, chosen, TrainingOptions(**{"n_factors": 20, "epochs": 1, **options}), seed, order, device)

    return make
