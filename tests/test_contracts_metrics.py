"""What every registered metric owes; a new one is tested by being registered. Their values have tests of their own."""

import numpy as np
import pytest

from cfce.metrics import METRICS
from cfce.predictions import Prediction
from cfce.scale import RatingScale

SCALES = {"five stars": RatingScale((1, 2, 3, 4, 5)), "half stars": RatingScale.parse("0.5:5:0.5"), "liked": RatingScale((0, 1))}
N = 200
USERS = np.arange(N) % 20

CASES = [(name, scale) for name in METRICS for scale in SCALES]
LOSSES = [(name, scale) for name, scale in CASES if METRICS[name].loss is not None]


def observed(scale: RatingScale) -> np.ndarray:
    """Every level, about as often as every other, (N,)."""
    return np.random.default_rng(0).permutation(np.resize(np.arange(scale.n_levels), N)).astype(np.uint8)


def random_prediction(scale: RatingScale, seed: int = 1) -> Prediction:
    return Prediction(scale, probabilities=np.random.default_rng(seed).dirichlet(np.ones(scale.n_levels), N).astype(np.float32))


def perfect(scale: RatingScale, level: np.ndarray) -> Prediction:
    """All probability on what is observed."""
    return Prediction(scale, probabilities=np.eye(scale.n_levels, dtype=np.float32)[level])


def rows(prediction: Prediction, at: np.ndarray) -> Prediction:
    return Prediction(prediction.scale, probabilities=prediction.probabilities[at])


def score(name: str, prediction: Prediction, level: np.ndarray) -> float:
    metric = METRICS[name]
    return metric.of(prediction, level, USERS)


@pytest.mark.parametrize("name", METRICS)
def test_it_declares_a_name_for_a_column_and_a_label_for_tables(name):
    metric = METRICS[name]
    assert metric.name == name
    assert name.isidentifier()
    assert name == name.lower()
    assert not name.startswith(("valid_", "test_")), "the part comes before it in the column"
    assert metric.label
    assert "\n" not in metric.label


def test_no_two_metrics_have_one_label():
    labels = [metric.label for metric in METRICS.values()]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("name", [name for name, metric in METRICS.items() if metric.in_verdicts])
def test_a_metric_of_the_verdicts_has_a_region_of_equivalence_on_every_scale(name):
    assert all(METRICS[name].margin_on(scale) > 0 for scale in SCALES.values())


@pytest.mark.parametrize(("name", "of"), CASES)
def test_no_prediction_scores_better_than_the_observed_levels_themselves(name, of):
    scale = SCALES[of]
    level = observed(scale)
    best = score(name, perfect(scale, level), level)
    assert np.isfinite(best)
    for seed in range(20):
        assert METRICS[name].gain(best - score(name, random_prediction(scale, seed), level)) > 0


@pytest.mark.parametrize(("name", "of"), LOSSES)
def test_a_rating_s_loss_is_its_own_wherever_it_stands(name, of):
    scale = SCALES[of]
    level, prediction = observed(scale), random_prediction(scale)
    losses = METRICS[name].loss(prediction, level)
    assert losses.shape == (N,)
    assert np.isfinite(losses).all()
    order = np.random.default_rng(2).permutation(N)
    np.testing.assert_allclose(METRICS[name].loss(rows(prediction, order), level[order]), losses[order], rtol=1e-6)


@pytest.mark.parametrize(("name", "of"), CASES)
def test_points_alone_are_scored_or_said_to_lack_what_is_needed(name, of):
    """NaN, and no exception."""
    scale = SCALES[of]
    level = observed(scale)
    points = Prediction(scale, points=np.random.default_rng(0).uniform(scale.values[0], scale.values[-1], N).astype(np.float32))
    metric = METRICS[name]
    if metric.loss is None:
        assert isinstance(metric.of(points, level, USERS), float)
        return
    losses = metric.loss(points, level)
    assert losses.shape == (N,)
    assert np.isfinite(losses).all() or np.isnan(losses).all()


@pytest.mark.parametrize(("name", "of"), LOSSES)
def test_scores_of_many_means_at_once_are_those_of_each(name, of):
    """As the bootstrap asks for: (replicates, units)."""
    metric, scale = METRICS[name], SCALES[of]
    means = np.random.default_rng(0).uniform(0.1, 0.9, (3, 4))
    together = metric.score(means, scale)
    assert together.shape == (3, 4)
    for at in np.ndindex(3, 4):
        assert together[at] == pytest.approx(float(metric.score(means[at], scale)))
