import re

import numpy as np
import pytest
import torch

from cfce.engines import batched_networks, torch_engine, trial_batches
from cfce.engines.torch_engine import fit, fit_batched
from cfce.errors import UserError
from cfce.models import dot_product_bias
from cfce.splits import split_ratings

from .torch_scorers import (
    averaging,
    branching,
    clamping,
    counting,
    holding,
    narrow,
    padded,
    patched,
    regularised,
    remembering,
    straying,
    twice,
    two_towers,
    with_batch_norm,
    with_dropout,
)

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def make_tasks(make_task):
    """Tasks that differ in seed, order, learning rate and split."""

    def make(rates=(0.01, 0.05, 0.05), n_train=1600, **options):
        tasks = [make_task(n_train=n_train, seed=i, order=10 + i, learning_rate=r, **options) for i, r in enumerate(rates)]
        for i, task in enumerate(tasks):
            object.__setattr__(task, "fold", split_ratings(task.fold.ratings, "random-80-10-10", i))
        return tasks

    return make


def assert_same_training(one, other, **tolerance):
    tolerance = {"rtol": 2e-4, "atol": 2e-5} | tolerance
    np.testing.assert_allclose(one.step_losses, other.step_losses, **tolerance)
    for a, b in zip(one.history, other.history, strict=True):
        np.testing.assert_allclose([a.train_loss, a.valid_loss], [b.train_loss, b.valid_loss], **tolerance)
    for part in ("valid", "test"):
        np.testing.assert_allclose(
            one.predictions[part].decode("mean"), other.predictions[part].decode("mean"), rtol=1e-3, atol=1e-3
        )


@pytest.mark.parametrize("objective", ["squared-error", "cross-entropy", "cross-entropy-sigmoid"])
def test_a_trial_in_a_batch_trains_as_it_does_alone(make_tasks, objective):
    told = []
    tasks = make_tasks(objective=objective, epochs=2, weight_decay=0.3)
    fitted = fit_batched(tasks, log=told.append, keep_step_losses=True)
    for task, one in zip(tasks, fitted, strict=True):
        assert_same_training(one, fit(task, keep_step_losses=True))
    assert told == []
    assert fitted[1].step_losses != fitted[2].step_losses  # the same rate, another seed


def test_a_users_module_is_batched(make_tasks):
    told = []
    tasks = make_tasks(scorer=two_towers, weight_decay=2.0)
    for task, one in zip(tasks, fit_batched(tasks, log=told.append, keep_step_losses=True), strict=True):
        assert_same_training(one, fit(task, keep_step_losses=True))
    assert told == []


@pytest.mark.parametrize(
    ("scorer", "tables"),
    [
        (dot_product_bias, {"scorer.user_factors", "scorer.item_factors"}),
        (two_towers, {"scorer.user.weight", "scorer.item.weight"}),
        (regularised, {"scorer.item.weight"}),  # the user table is also used whole
        (padded, {"scorer.item.weight"}),  # the row of the padding has no gradient
        (narrow, {"scorer.user.weight", "scorer.item.weight"}),
        (twice, {"scorer.user.weight", "scorer.item.weight"}),
    ],
)
@pytest.mark.parametrize("objective", ["squared-error", "cross-entropy"])
def test_a_recorded_step_trains_what_the_module_as_it_is_trains(make_task, scorer, tables, objective):
    """Over chunks of every length and the rows that wait in them; only tables of which rows alone are read have such."""
    # with the other seed a ReLU of ``twice`` stands so near to 0 that weights 1e-7 apart part ways, in any engine
    task = make_task(objective, 4240, scorer=scorer, seed=3, order=3, batch_size=16, learning_rate=0.02, weight_decay=0.5)
    device = torch.device("cpu")
    batched = batched_networks.BatchedNetworks([task], device, trial_batches._example([task], device))
    assert set(batched._tables) == tables
    assert_same_training(fit(task, keep_step_losses=True), torch_engine._fit_as_it_is(task, keep_step_losses=True))


def test_a_row_that_there_is_not_is_an_error_as_with_torch(make_task):
    for tasks in ([make_task(scorer=straying)], [make_task(scorer=straying, seed=seed) for seed in range(2)]):
        with pytest.raises(IndexError, match="index out of range in self"):
            fit_batched(tasks)


def test_a_table_that_is_looked_up_and_also_used_whole_keeps_both_gradients(make_tasks):
    told = []
    tasks = make_tasks(scorer=regularised, n_train=800)
    for task, one in zip(tasks, fit_batched(tasks, log=told.append, keep_step_losses=True), strict=True):
        assert_same_training(one, fit(task, keep_step_losses=True))
    assert told == []


def test_a_batch_gives_the_same_bits_again(make_tasks):
    first, second = (fit_batched(make_tasks(objective="cross-entropy"), keep_step_losses=True) for _ in range(2))
    for a, b in zip(first, second, strict=True):
        assert a.step_losses == b.step_losses
        assert np.array_equal(a.predictions["test"].probabilities, b.predictions["test"].probabilities)


@pytest.mark.parametrize(
    ("scorer", "reason"),
    [
        (with_dropout, "it draws random numbers as it trains"),
        (with_batch_norm, r"it writes into its buffer 'layers\.2\.\w+' as it trains"),
        (branching, "torch cannot map it over a leading dimension"),
        (patched, "the gradient of '.*' is another in a batch than alone"),
        (counting, "it changes its attribute 'calls' as it trains"),
        (remembering, "its forward pass does not compute the same at every call"),
        (averaging, "it sets its buffer 'mean' anew as it computes"),
        (clamping, "it writes into a parameter as it trains"),
        (holding, "the gradient of '.*' is another in a batch than alone"),
    ],
)
def test_a_module_that_cannot_be_batched_trains_alone_and_says_why_once(make_tasks, scorer, reason):
    told = []
    tasks = make_tasks(scorer=scorer, n_train=800)
    fitted = fit_batched(tasks, log=told.append, keep_step_losses=True)
    assert len(told) == 1
    assert told[0].startswith(f"the module of '{scorer.__name__}' trains alone, not batched: ")
    assert re.search(reason, told[0])
    for task, one in zip(tasks, fitted, strict=True):
        assert one.step_losses == fit(task, keep_step_losses=True).step_losses


@pytest.mark.parametrize("at_once", [0, -3])
def test_a_batch_below_one_is_refused(make_tasks, at_once):
    with pytest.raises(UserError, match=rf"{at_once} trials at once came; it is a whole number, 1 or above"):
        fit_batched(make_tasks(), at_once=at_once)


def test_a_diverged_trial_does_not_touch_the_others_of_its_batch(make_tasks):
    tasks = make_tasks(rates=(0.05, 1e30, 0.05))
    fitted = fit_batched(tasks, keep_step_losses=True)
    assert fitted[1].diverged == "the train loss of epoch 1 is nan"
    assert_same_training(fitted[0], fit(tasks[0], keep_step_losses=True))
    assert_same_training(fitted[2], fit(tasks[2], keep_step_losses=True))


def test_tasks_that_differ_in_more_train_in_passes_of_their_own_and_keep_their_places(make_task, make_tasks, monkeypatch):
    passes = []
    original = trial_batches._fit_together
    monkeypatch.setattr(trial_batches, "_fit_together", lambda tasks, keep: passes.append(len(tasks)) or original(tasks, keep))
    a, b = make_tasks(n_train=800), make_tasks(n_train=800, objective="cross-entropy")
    lone = make_task(n_train=800, batch_size=32)
    tasks = [a[0], b[0], lone, a[1], b[1], a[2]]
    fitted = fit_batched(tasks, keep_step_losses=True)
    assert passes == [3, 2, 1]
    for task, one in zip(tasks, fitted, strict=True):
        np.testing.assert_allclose(one.step_losses, fit(task, keep_step_losses=True).step_losses, rtol=2e-4)


def test_batches_are_of_one_size_as_far_as_they_go(make_tasks, monkeypatch):
    passes = []
    original = trial_batches._fit_together
    monkeypatch.setattr(trial_batches, "_fit_together", lambda tasks, keep: passes.append(len(tasks)) or original(tasks, keep))
    fit_batched(make_tasks(rates=[0.01] * 5, n_train=400), at_once=4)
    assert passes == [3, 2]


def test_too_little_memory_makes_batches_smaller_and_says_so_once(make_tasks, monkeypatch):
    original = trial_batches._fit_together

    def short(tasks, keep):
        if len(tasks) > 2:
            raise torch.OutOfMemoryError("out of memory")
        return original(tasks, keep)

    monkeypatch.setattr(trial_batches, "_fit_together", short)
    told = []
    tasks = make_tasks(rates=[0.01] * 8, n_train=400)
    fitted = fit_batched(tasks, log=told.append, keep_step_losses=True)
    assert told == ["a batch of 8 trials is too large for the memory of cpu; smaller ones follow"]
    np.testing.assert_allclose(fitted[7].step_losses, fit(tasks[7], keep_step_losses=True).step_losses, rtol=2e-4)


@pytest.mark.parametrize("scorer", [branching, counting, remembering, averaging, clamping, holding, with_dropout])
def test_a_lone_task_that_cannot_be_recorded_trains_as_it_is_without_a_word(make_task, scorer):
    told = []
    task = make_task(n_train=800, scorer=scorer)
    (fitted,) = fit_batched([task], log=told.append, keep_step_losses=True)
    assert told == []
    assert fitted.step_losses == torch_engine._fit_as_it_is(task, keep_step_losses=True).step_losses
    assert fit_batched([]) == []
