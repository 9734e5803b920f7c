"""A metric that a variant has not is refused for what it is, before anything is trained."""

import numpy as np
import pytest

import bench.variants.built_in  # noqa: F401 - registers the variants
from bench.tuning.probe import DISTRIBUTION, POINTS, check_metric, kinds_of
from bench.variants.variant import VARIANTS
from cfce.datasets import load_dataset
from cfce.errors import UserError
from cfce.metrics import METRICS, Metric, register_metric
from cfce.scale import RatingScale
from cfce.splits import split_ratings


@pytest.fixture(scope="module")
def fold():
    return split_ratings(load_dataset("synthetic-1000"), "random-80-10-10", 0)


@pytest.fixture
def metric():
    """Registers a metric of a loss for the test."""
    made = []

    def register(loss):
        made.append(register_metric(Metric("own", "own", loss)).name)

    yield register
    for name in made:
        METRICS.forget(name)


def of_distributions_alone(prediction, level):
    if prediction.derived:
        return np.full(len(level), np.nan)
    return 1 - prediction.probabilities[np.arange(len(level)), level]


def test_a_metric_of_distributions_is_refused_for_points_and_for_nothing_else(fold, metric):
    metric(of_distributions_alone)
    check_metric("own", ["ce", "gaussian", "ordrec", "bias"], fold)
    with pytest.raises(UserError, match="'regression' predicts points, of which there is no own, so it cannot be tuned by it"):
        check_metric("own", ["ce", "regression"], fold)


def test_a_ranking_is_refused_where_every_user_has_one_rating(fold):
    lone = type(fold)(fold.ratings, "leave-last-1", 0, fold.train_rows, one_of_each_user(fold), fold.test_rows)
    for name in ("fcp", "ndcg_10"):
        with pytest.raises(UserError, match=f"no user has ratings to rank in valid .*leave-last-1.* no {name} to tune by"):
            check_metric(name, ["regression", "ce"], lone)


def one_of_each_user(fold):
    users = fold.ratings.user[fold.valid_rows]
    return fold.valid_rows[np.unique(users, return_index=True)[1]]


def test_every_built_in_metric_suits_every_built_in_variant(fold):
    for name in METRICS:
        check_metric(name, list(VARIANTS), fold)


def test_a_metric_that_raises_is_named(fold, metric):
    metric(lambda prediction, level: 1 / 0)
    with pytest.raises(UserError, match=r"the metric .own. cannot be computed .*division by zero"):
        check_metric("own", ["ce"], fold)


def test_what_is_known_of_a_variant_is_what_it_predicts(fold):
    """Fitted, one of each kind: points alone, or probabilities."""
    from cfce.estimators import Task

    seen = set()
    for name in ("regression", "gaussian", "cumulative-logit", "bias"):
        estimator = VARIANTS[name].estimator
        valid = estimator.fit(Task(fold, 0, 0, "cpu", estimator.engine_on("cpu"))).predictions["valid"]
        (kind,) = kinds_of(name, RatingScale((1, 2, 3, 4, 5)))
        assert kind == (POINTS if valid.probabilities is None else DISTRIBUTION)
        seen.add(kind)
    assert seen == {POINTS, DISTRIBUTION}
