"""Order within users: pairs counted one by one, and NDCG by scikit-learn."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from bench.comparison.part_scores import score_part
from cfce.errors import UserError
from cfce.metrics import METRICS, Metric, concordant_pairs, fcp, user_ndcg
from cfce.predictions import Prediction
from cfce.scale import RatingScale

SCALE = RatingScale((1, 2, 3, 4, 5))
ratings = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=40)
"""User, level and value of each."""


def columns(rows):
    users, levels, values = (np.array(column) for column in zip(*rows, strict=True))
    return values.astype(float), levels, users


@given(ratings)
def test_pairs_are_those_that_a_reader_counts(rows):
    values, levels, users = columns(rows)
    right, pairs = np.zeros(users.max() + 1), np.zeros(users.max() + 1)
    for i, j in combinations(range(len(rows)), 2):
        if users[i] == users[j] and levels[i] != levels[j]:
            pairs[users[i]] += 1
            agree = (values[i] - values[j]) * (levels[i] - levels[j])
            right[users[i]] += 1.0 if agree > 0 else 0.5 if agree == 0 else 0.0
    found = concordant_pairs(values, levels, users)
    np.testing.assert_allclose(found[0], right)
    np.testing.assert_allclose(found[1], pairs)


@given(ratings)
def test_ndcg_is_that_of_scikit_learn_for_each_user(rows):
    values, levels, users = columns(rows)
    found = user_ndcg(values, levels, users, k=3)
    for user in np.unique(users):
        mine = users == user
        if len(set(levels[mine])) > 1:
            assert found[user] == pytest.approx(ndcg_score([2.0 ** levels[mine] - 1], [values[mine]], k=3))
        else:
            assert np.isnan(found[user])


@given(ratings, st.randoms())
def test_the_order_of_the_rows_changes_nothing(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    for one, other in zip(concordant_pairs(*columns(rows)), concordant_pairs(*columns(shuffled)), strict=True):
        np.testing.assert_allclose(one, other)
    np.testing.assert_allclose(user_ndcg(*columns(rows)), user_ndcg(*columns(shuffled)))


def test_a_constant_prediction_ranks_half_of_the_pairs_right():
    rng = np.random.default_rng(0)
    constant = Prediction(SCALE, points=np.full(100, 3.0))
    assert fcp(constant, rng.integers(0, 5, 100).astype(np.uint8), rng.integers(0, 9, 100)) == 0.5


def test_a_trial_has_both_scores_on_every_part():
    """The users' codes reach rankings on parts without claims too, and a part without codes says that it has none."""
    level = np.array([0, 4, 2, 3], dtype=np.uint8)
    prediction = Prediction(SCALE, points=np.array([1.0, 4.0, 3.0, 2.0]))
    codes = np.array([0, 0, 1, 1])
    assert score_part(prediction, level, codes=codes).scores["fcp"] == 0.5  # 4 over 0 is right, 3 over 2 wrong
    assert np.isnan(score_part(prediction, level).scores["ndcg_10"])


def test_a_ranking_has_no_verdicts():
    with pytest.raises(UserError, match="metric 'mine' is a ranking, of which there are no verdicts"):
        Metric("mine", "mine", ranking=lambda prediction, level, users: 0.0, in_verdicts=True)
    assert not METRICS["fcp"].in_verdicts
