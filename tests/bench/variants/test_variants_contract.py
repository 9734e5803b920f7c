"""What every registered variant owes on every engine that claims it; a new variant is tested by being registered."""

import numpy as np
import pytest

from bench.study import HeldOut
from bench.study.prediction_file import read_predictions, write_predictions
from bench.variants.plugins import load_parts
from bench.variants.variant import VARIANTS
from cfce.datasets import load_dataset
from cfce.engines import engines_for
from cfce.estimators import Network, Task
from cfce.splits import split_ratings

load_parts()


TINY = {"learning_rate": 0.05, "epochs": 2, "batch_size": 64, "n_factors": 4}


def engines(variant):
    network = variant.estimator
    if not isinstance(network, Network):
        return [network.engine_on("cpu")]
    return [engine.name for engine in engines_for(network.scorer, network.objective, network.training, "cpu")]


INSIDE = {name: variant for name, variant in VARIANTS.items() if not variant.estimator.outside}
"""Programs that run outside this Python have environments of their own: ``tests/peers``."""
CASES = [(name, engine) for name, variant in INSIDE.items() for engine in engines(variant)]


@pytest.fixture(scope="module")
def fold(tmp_path_factory):
    ratings = load_dataset("synthetic-1000", cache=tmp_path_factory.mktemp("cache"), log=lambda line: None)
    return split_ratings(ratings, "random-80-10-10", 0)


@pytest.fixture(scope="module")
def fitted(fold):
    """``fitted(name, engine, seed, again)``: each training is done once."""
    done = {}

    def train(name, engine, seed=0, again=False):
        key = (name, engine, seed, again)
        if key not in done:
            estimator = VARIANTS[name].estimator
            if isinstance(estimator, Network):
                estimator = estimator.with_options(TINY)
            done[key] = estimator.fit(Task(fold, seed, seed, "cpu", engine))
        return done[key]

    return train


def arrays(fitted):
    found = []
    for prediction in fitted.predictions.values():
        found += [one for one in (prediction.points, prediction.probabilities) if one is not None]
    return found


def test_every_built_in_variant_is_here_and_every_engine_has_a_case():
    assert {"regression", "ce-sigmoid", "ce", "constant", "bias"} <= set(VARIANTS)
    assert {engine for _, engine in CASES} == {"fastai", "torch", "fused", "baseline", "gibbs"}


@pytest.mark.parametrize(("name", "engine"), CASES)
def test_a_variant_predictions_every_held_out_rating(name, engine, fold, fitted):
    result = fitted(name, engine)
    assert set(result.predictions) == {"valid", "test"}
    for part, prediction in result.predictions.items():
        assert len(prediction) == len(fold.rows(part)) == 100
        for one in (prediction.points, prediction.probabilities):
            assert one is None or (one.dtype == np.float32 and np.isfinite(one).all())
    assert result.diverged is None
    assert len(result.history) == (0 if engine in ("baseline", "gibbs") else 2)
    assert result.n_parameters > 0


@pytest.mark.parametrize(("name", "engine"), CASES)
def test_probabilities_sum_to_1_and_points_lie_in_the_range(name, engine, fold, fitted):
    low, high = fold.scale.y_range
    family = VARIANTS[name].family
    for prediction in fitted(name, engine).predictions.values():
        assert prediction.points is not None or prediction.probabilities is not None
        assert family != "baseline" or (prediction.points is not None and prediction.probabilities is not None)
        assert prediction.probabilities is not None or family == "regression", "only a regression may predict points alone"
        if prediction.points is not None:
            assert ((prediction.points >= low) & (prediction.points <= high)).all()
        if prediction.probabilities is not None:
            assert prediction.probabilities.shape == (100, 5)
            assert (prediction.probabilities >= 0).all()
            np.testing.assert_allclose(prediction.probabilities.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(("name", "engine"), CASES)
def test_the_same_seed_gives_the_same_bits(name, engine, fitted):
    for one, other in zip(arrays(fitted(name, engine)), arrays(fitted(name, engine, again=True)), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("name", "engine"), [case for case in CASES if case[1] != "baseline"])
def test_another_seed_gives_another_training(name, engine, fitted):
    pairs = zip(arrays(fitted(name, engine)), arrays(fitted(name, engine, seed=1)), strict=True)
    assert not all(np.array_equal(one, other) for one, other in pairs)


@pytest.mark.parametrize("name", [name for name, variant in VARIANTS.items() if isinstance(variant.estimator, Network)])
def test_engines_agree(name, fitted):
    """Small data and few steps: the engines differ by float rounding alone."""
    results = [arrays(fitted(name, engine)) for engine in engines(VARIANTS[name])]
    for other in results[1:]:
        for one, two in zip(results[0], other, strict=True):
            np.testing.assert_allclose(one, two, atol=2e-3)


@pytest.mark.parametrize(("name", "engine"), CASES)
def test_predictions_come_back_from_disk_as_they_were(name, engine, fold, fitted, tmp_path):
    ratings = fold.ratings
    parts = {}
    for part, prediction in fitted(name, engine).predictions.items():
        rows = fold.rows(part)
        user, item = ratings.user_ids[ratings.user[rows] - 1], ratings.item_ids[ratings.item[rows] - 1]
        parts[part] = HeldOut(part, user, item, ratings.level[rows], prediction)
    write_predictions(tmp_path / "one.parquet", parts, fold.scale)
    back = read_predictions(tmp_path / "one.parquet", fold.scale)
    assert set(back) == set(parts)
    for part, held in parts.items():
        np.testing.assert_array_equal(back[part].level, held.level)
        np.testing.assert_array_equal(back[part].user.astype(str), held.user.astype(str))
        for what in ("points", "probabilities"):
            one, other = getattr(back[part].prediction, what), getattr(held.prediction, what)
            assert (one is None) == (other is None)
            assert one is None or np.array_equal(one, other)
