"""A scorer of one's own whose scores an objective cannot take is told before anything trains."""

import numpy as np
import pytest
from torch import nn

from cfce.errors import UserError
from cfce.estimators import Network
from cfce.ratings import Ratings
from cfce.scale import RatingScale
from cfce.splits import split_ratings


def scorer_of(width):
    class Table(nn.Module):
        def __init__(self, sizes):
            super().__init__()
            self.user = nn.Embedding(sizes.n_users, width or sizes.n_outputs)

        def forward(self, user, item):
            return self.user(user)

    return Table


@pytest.fixture
def fold():
    rng = np.random.default_rng(0)
    columns = (rng.integers(0, 20, 400), rng.integers(0, 20, 400), rng.integers(1, 6, 400).astype(float))
    return split_ratings(Ratings.from_columns(*columns, RatingScale((1, 2, 3, 4, 5))), "random-80-20", 0)


@pytest.mark.parametrize("objective", ["softmax", "corn", "gaussian", "ordrec"])
def test_too_few_scores_are_told_and_as_many_as_the_objective_takes_are_not(fold, objective):
    with pytest.raises(UserError, match=rf"the scorer 'Table' gives scores of shape \(2, 1\) .*'{objective}' takes \(B, [2-5]\)"):
        Network(scorer_of(1), objective).check(fold)
    Network(scorer_of(None), objective).check(fold)


def test_a_column_serves_as_one_score_and_two_columns_do_not(fold):
    Network(scorer_of(1), "squared-error").check(fold)
    with pytest.raises(UserError, match=r"gives scores of shape \(2, 2\) .*'squared-error' takes \(B,\)"):
        Network(scorer_of(2), "squared-error").check(fold)
