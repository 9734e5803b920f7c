"""What every registered engine owes on the CPU; a new one is tested by being registered. That they agree is tested elsewhere."""

from dataclasses import replace
from importlib.metadata import version

import numpy as np
import pytest
import torch

from cfce.engines import ENGINES
from cfce.engines.task import Task
from cfce.errors import UserError
from cfce.models.dot_product_bias import dot_product_bias
from cfce.objectives import OBJECTIVES
from cfce.options import TrainingOptions
from cfce.ratings import Ratings
from cfce.splits import split_ratings

OPTIONS = TrainingOptions(learning_rate=0.05, epochs=2, batch_size=32, n_factors=4)
STEPS = 2 * (240 // 32)
ON_CPU = [name for name, engine in ENGINES.items() if "cpu" in engine.devices]
BATCHING = [name for name in ON_CPU if ENGINES[name].fit_batch is not None]


@pytest.fixture(scope="module")
def fold():
    """300 ratings: 240 train, 30 valid, 30 test."""
    rng = np.random.default_rng(0)
    ratings = Ratings.from_columns(rng.integers(0, 25, 300), rng.integers(0, 30, 300), rng.integers(1, 6, 300))
    return split_ratings(ratings, "random-80-10-10", 0)


@pytest.fixture(scope="module")
def task(fold):
    """``task(seed)``: the book's regression, which every engine can train."""
    return lambda seed=0: Task(fold, dot_product_bias, OBJECTIVES["squared-error"], OPTIONS, seed=seed, order=seed)


@pytest.fixture(scope="module")
def fitted(task):
    """``fitted(engine)``: one training with its step losses, done once an engine."""
    done = {}

    def fit(name):
        if name not in done:
            ENGINES[name].load()
            done[name] = ENGINES[name].fit(task(), True)
        return done[name]

    return fit


def arrays(fitted):
    parts = (fitted.predictions[part] for part in sorted(fitted.predictions))
    return [one for prediction in parts for one in (prediction.points, prediction.probabilities) if one is not None]


@pytest.mark.parametrize("name", ENGINES)
def test_it_declares_its_name_its_devices_and_libraries_that_are_installed(name):
    engine = ENGINES[name]
    assert engine.name == name
    assert name not in ("external", "baseline"), "these name what no engine trained"
    assert len(engine.description) > 10
    assert "\n" not in engine.description
    assert set(engine.devices) <= {"cpu", "cuda"}
    assert engine.devices
    assert all(version(library) for library in engine.libraries)


def test_no_two_engines_that_may_be_chosen_unasked_have_one_rank():
    ranks = [engine.rank for engine in ENGINES.values() if engine.rank >= 0]
    assert len(set(ranks)) == len(ranks)


@pytest.mark.parametrize("name", ENGINES)
def test_a_device_that_it_does_not_have_is_refused_with_the_reason(name, task):
    with pytest.raises(UserError, match=f"the engine '{name}' cannot train the scorer 'dot_product_bias' .* not on tpu; choose"):
        ENGINES[name].check(replace(task(), device="tpu"))


@pytest.mark.parametrize("name", ON_CPU)
def test_a_training_has_a_line_an_epoch_a_loss_a_step_and_a_prediction_of_every_held_out_rating(name, fitted, fold):
    result = fitted(name)
    assert len(result.history) == OPTIONS.epochs
    assert len(result.step_losses) == STEPS
    assert np.isfinite(result.step_losses).all()
    assert {part: len(prediction) for part, prediction in result.predictions.items()} == {"valid": 30, "test": 30}
    assert result.n_parameters == (fold.ratings.n_users + fold.ratings.n_items) * (OPTIONS.n_factors + 1)
    assert result.fit_seconds >= max(epoch.seconds for epoch in result.history) > 0
    assert result.peak_memory_mb > 0
    assert result.diverged is None


@pytest.mark.parametrize("name", ON_CPU)
def test_the_valid_loss_of_the_last_epoch_is_that_of_the_predictions(name, fitted, fold):
    """The objective is squared error, so it is the mean squared error of the points."""
    result = fitted(name)
    error = result.predictions["valid"].points - fold.scale.array[fold.valid.level]
    assert result.history[-1].valid_loss == pytest.approx((error**2).mean(), rel=1e-4)


@pytest.mark.parametrize("name", ON_CPU)
def test_the_same_seeds_give_the_same_bits_whatever_the_state_of_the_global_generators(name, fitted, task):
    first = fitted(name)
    torch.manual_seed(123)
    np.random.seed(123)  # noqa: NPY002 - the very state that must not matter
    again = ENGINES[name].fit(task(), True)
    for one, other in zip(arrays(first), arrays(again), strict=True):
        np.testing.assert_array_equal(one, other)
    assert first.step_losses == again.step_losses


@pytest.mark.parametrize("name", ON_CPU)
def test_it_starts_from_the_weights_of_the_seed_as_every_engine_does(name, fitted, task):
    """The loss of the first step is that of the first weights on the first batch, before any update."""
    from cfce.batches import epoch_order
    from cfce.engines.network import build_network
    from cfce.seeds import stream

    one = task()
    rows = epoch_order(len(one.fold.train), OPTIONS.sampler, stream(one.order, "order"))[: OPTIONS.batch_size]
    user, item, level = (torch.from_numpy(column[rows]).long() for column in (vars_of(one.fold.train)))
    with torch.no_grad():
        loss = one.objective.torch_loss(build_network(one)(user, item), level, one.fold.scale).item()
    assert fitted(name).step_losses[0] == pytest.approx(loss, rel=1e-5)


def vars_of(part):
    return part.user, part.item, part.level


@pytest.mark.parametrize("name", BATCHING)
def test_tasks_in_one_pass_come_back_in_their_order_as_each_trained_alone(name, fitted, task):
    batch = ENGINES[name].fit_batch([task(1), task(0)], None, None)
    for one, other in zip(arrays(batch[1]), arrays(fitted(name)), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
    assert not np.allclose(arrays(batch[0])[0], arrays(batch[1])[0], atol=1e-4)
