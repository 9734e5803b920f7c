"""The scores of a test part's predictions."""

import numpy as np
import pytest

from cfce.metrics import (
    accuracy,
    brier,
    calibration,
    confusion_matrix,
    fit_sigma,
    nll,
    normal_over_levels,
    quadratic_weighted_kappa,
    rmse,
    rps,
)
from cfce.predictions import Prediction


@pytest.fixture(scope="session")
def points(fold, probabilities):  # type: ignore[no-untyped-def]
    return Prediction(fold.scale, probabilities=probabilities).decode("mean")


@pytest.mark.parametrize("score", [nll, rps, brier], ids=lambda score: score.__name__)
def test_a_proper_score(benchmark, fold, probabilities, score):  # type: ignore[no-untyped-def]
    assert benchmark(score, probabilities, fold.test.level) > 0


def test_calibration(benchmark, fold, probabilities):  # type: ignore[no-untyped-def]
    assert benchmark(calibration, probabilities, fold.test.level).error > 0


@pytest.mark.parametrize("decoder", ["mean", "median", "mode"])
def test_decoding(benchmark, fold, probabilities, decoder):  # type: ignore[no-untyped-def]
    decoded = benchmark(Prediction(fold.scale, probabilities=probabilities).decode, decoder)
    assert 1 <= decoded.min() <= decoded.max() <= 5


def test_point_scores(benchmark, fold, points):  # type: ignore[no-untyped-def]
    values = np.asarray(fold.scale.values)[fold.test.level]
    levels = fold.scale.nearest(points)

    def score():  # type: ignore[no-untyped-def]
        return rmse(points, values), accuracy(levels, fold.test.level)

    error, share = benchmark(score)
    assert error > 0.5
    assert 0 < share < 1


def test_kappa(benchmark, fold, points):  # type: ignore[no-untyped-def]
    confusion = confusion_matrix(fold.scale.nearest(points), fold.test.level, fold.scale.n_levels)
    assert abs(benchmark(quadratic_weighted_kappa, confusion)) < 0.5


def test_the_distribution_of_a_regression(benchmark, fold, points):  # type: ignore[no-untyped-def]
    sigma = fit_sigma(points, fold.test.level, fold.scale)
    mass = benchmark(normal_over_levels, points, sigma, fold.scale)
    assert mass.sum(axis=1) == pytest.approx(np.ones(len(points)))


def test_fitting_sigma(benchmark, fold, points):  # type: ignore[no-untyped-def]
    assert 0.5 < benchmark(fit_sigma, points, fold.test.level, fold.scale) < 5
