"""Trained on ratings whose truth is known, a model comes near to the best possible scores as the ratings grow, never beyond."""

from pathlib import Path

import numpy as np
import pytest

from cfce.datasets import BayesLimit, load_dataset, load_truth
from cfce.engines import fit
from cfce.engines.task import Task
from cfce.metrics import accuracy, nll, rmse
from cfce.models.dot_product_bias import dot_product_bias
from cfce.objectives import OBJECTIVES
from cfce.options import TrainingOptions
from cfce.predictions import Prediction
from cfce.splits import Part, split_ratings

OPTIONS = TrainingOptions(learning_rate=0.02, epochs=10, n_factors=4, weight_decay=0.05)


def scores(prediction: Prediction, part: Part) -> np.ndarray:
    """RMSE of the mean, error rate of the mode, NLL: less is better."""
    assert prediction.probabilities is not None
    values = np.asarray(prediction.scale.values)[part.level]
    return np.array(
        [
            rmse(prediction.decode("mean"), values),
            1 - accuracy(prediction.levels("mode"), part.level),
            nll(prediction.probabilities, part.level),
        ]
    )


def excess(n: int) -> tuple[np.ndarray, np.ndarray, BayesLimit]:
    """A fitted model's scores above the truth's on the same drawn test ratings, the truth's scores, and the limit."""
    ratings = load_dataset(f"synthetic-{n}", log=lambda line: None)
    fold = split_ratings(ratings, "random-80-10-10", 0)
    fitted = fit(Task(fold, dot_product_bias, OBJECTIVES["cross-entropy"], OPTIONS, seed=0, order=0), "fused")
    truth, pairs = load_truth(n), (ratings.user[fold.test_rows], ratings.item[fold.test_rows])
    best = scores(truth.predict(*pairs), fold.test)
    return scores(fitted.predictions["test"], fold.test) - best, best, truth.limit(*pairs)


def test_the_excess_over_the_bayes_limit_shrinks_as_ratings_grow(cache: Path) -> None:
    small, _, _ = excess(20_000)
    large, best, limit = excess(200_000)
    assert (large > 0).all(), "no model is better than the truth"
    assert (large < 0.5 * small).all(), f"excess of RMSE, error rate and NLL went from {small} to {large}"
    assert (large < [0.06, 0.05, 0.08]).all()
    assert best == pytest.approx([limit.rmse, 1 - limit.accuracy, limit.nll], abs=0.015)
