import numpy as np
import pytest

from cfce.estimators import Bias, Constant, Task
from cfce.ratings import Ratings
from cfce.scale import RatingScale
from cfce.splits import Fold, split_ratings


def fold_of(user, item, rating, n_valid):
    ratings = Ratings.from_columns(user, item, rating, RatingScale((1, 2, 3, 4, 5)))
    rows = np.arange(len(ratings), dtype=np.int32)
    return Fold(ratings, "random-80-20", 0, rows[:-n_valid], rows[-n_valid:], rows[:0])


def test_constant_says_trains_mean_and_shares_to_everyone():
    fitted = Constant().fit(Task(fold_of([1, 2, 1, 2, 1], [1, 1, 2, 2, 3], [4, 4, 5, 1, 3], n_valid=1), 0, 0))
    prediction = fitted.predictions["valid"]
    assert prediction.points.tolist() == [3.5]
    assert prediction.probabilities.tolist() == [[0.25, 0, 0, 0.5, 0.25]]
    assert fitted.n_parameters == 5
    assert fitted.diverged is None


def test_bias_solves_the_shrunken_least_squares_problem():
    """At the solution no bias can lower squared error + 10 * item biases² + 15 * user biases²."""
    rng = np.random.default_rng(0)
    user, item = rng.integers(0, 20, 600), rng.integers(0, 15, 600)
    rating = np.clip(np.round(3 + rng.normal(0, 0.7, 20)[user] + rng.normal(0, 0.7, 15)[item]), 1, 5)
    fold = split_ratings(Ratings.from_columns(user, item, rating), "random-80-20", 0)
    train = fold.train
    y = np.asarray(fold.scale.values)[train.level]
    design = np.zeros((len(train), 21 + 16))
    design[np.arange(len(train)), train.user] = 1
    design[np.arange(len(train)), 21 + train.item] = 1
    shrinkage = np.diag([15.0] * 21 + [10.0] * 16)
    solved = np.linalg.solve(design.T @ design + shrinkage, design.T @ (y - y.mean()))
    expected = y.mean() + solved[fold.valid.user] + solved[21 + fold.valid.item]
    points = Bias().fit(Task(fold, 0, 0)).predictions["valid"].points
    np.testing.assert_allclose(points, expected.clip(1, 5), atol=2e-3)


def test_bias_predictions_the_mean_for_unknown_user_and_item_and_stays_on_the_scale():
    fold = fold_of([1, 1, 2, 2, 9, 1], [1, 2, 1, 2, 8, 1], [5, 5, 5, 4, 1, 5], n_valid=2)
    prediction = Bias().fit(Task(fold, 0, 0)).predictions["valid"]
    assert prediction.points[0] == pytest.approx(4.75)
    assert 4.75 < prediction.points[1] <= 5
    np.testing.assert_allclose(prediction.probabilities.sum(axis=1), 1, atol=1e-6)
