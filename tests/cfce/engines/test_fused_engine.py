"""The fused engine trains what fastai trains."""

import numpy as np
import pytest

from cfce.engines import fit
from cfce.engines.fused_engine import FusedTraining
from cfce.engines.schedule import one_cycle
from cfce.errors import UserError
from cfce.models import dot_product_bias_implicit
from cfce.objectives import OBJECTIVES

RATES = dict.fromkeys(OBJECTIVES, 5e-3) | {"cross-entropy": 0.1}


def fastai_learner(task):
    from cfce.engines.fastai_engine import quiet_fastai

    with quiet_fastai():
        from cfce.engines.fastai_learner import build_learner

        return build_learner(task)


@pytest.mark.parametrize(
    ("objective", "sampler", "batch_size", "n_train"),
    [
        *[(objective, "permutation", 16, 1607) for objective in sorted(OBJECTIVES)],  # with a partial last batch
        ("squared-error", "bootstrap", 8, 800),
        ("ordrec", "bootstrap", 8, 800),
    ],
)
def test_step_losses_are_fastais(make_task, objective, sampler, batch_size, n_train):
    """Within 1e-5 over the first 100 steps, and within 1e-3 of the value to the end of the epoch."""
    task = make_task(objective, n_train, sampler=sampler, batch_size=batch_size, learning_rate=RATES[objective])
    fused, fastai = (fit(task, engine, keep_step_losses=True) for engine in ("fused", "fastai"))
    ours, theirs = np.array(fused.step_losses), np.array(fastai.step_losses)
    assert len(ours) == len(theirs) == n_train // batch_size >= 100
    np.testing.assert_allclose(ours[:100], theirs[:100], rtol=0, atol=1e-5)
    np.testing.assert_allclose(ours, theirs, rtol=1e-3)
    assert fused.history[0].train_loss == pytest.approx(fastai.history[0].train_loss, rel=1e-4)
    assert fused.history[0].valid_loss == pytest.approx(fastai.history[0].valid_loss, rel=1e-3)


@pytest.mark.parametrize("objective", ["squared-error", "cross-entropy-sigmoid", "cross-entropy", "softmax", "ordrec"])
def test_losses_and_weights_stay_fastais_over_two_epochs_at_batch_64(make_task, objective):
    """Two epochs, so that the second draws its own order and the schedule runs on across them."""
    from cfce.batches import epoch_order
    from cfce.seeds import stream

    task = make_task(objective, 6_400, epochs=2, learning_rate=RATES[objective], n_factors=50)
    learner = fastai_learner(task)
    with learner.no_bar(), learner.no_logging():
        learner.fit_one_cycle(2, task.options.learning_rate, wd=task.options.weight_decay)
    training, rng = FusedTraining(task), stream(task.order, "order")
    for _ in range(2):
        training.epoch(epoch_order(6_400, "permutation", rng))
    theirs = np.concatenate([parameter.detach().numpy().ravel() for parameter in learner.model.parameters()])
    ours = np.concatenate([one.ravel() for one in training.weights().values()])
    assert np.linalg.norm(ours - theirs) <= 1e-3 * np.linalg.norm(theirs)
    assert training.loss(task.fold.valid) == pytest.approx(float(learner.recorder.values[-1][1]), rel=1e-3)


@pytest.mark.parametrize("objective", ["squared-error", "cross-entropy", "softmax", "ordrec"])
def test_implicit_feedback_trains_what_fastai_trains(make_task, objective):
    """Step by step within 1e-5, and every weight, the directions of either side among them, over two epochs at batch 64."""
    from cfce.batches import epoch_order
    from cfce.seeds import stream

    task = make_task(objective, 3_200, scorer=dot_product_bias_implicit, epochs=2, learning_rate=RATES[objective], n_factors=50)
    learner = fastai_learner(task)
    first = [parameter.detach().numpy().copy() for parameter in learner.model.parameters()]
    training = FusedTraining(task)
    for one, two in zip(training.weights().values(), first, strict=True):
        np.testing.assert_array_equal(one, two.reshape(one.shape))
    with learner.no_bar(), learner.no_logging():
        learner.fit_one_cycle(2, task.options.learning_rate, wd=task.options.weight_decay)
    rng = stream(task.order, "order")
    losses = np.concatenate([training.epoch(epoch_order(3_200, "permutation", rng)) for _ in range(2)])
    np.testing.assert_allclose(losses, fit(task, "fastai", keep_step_losses=True).step_losses, rtol=1e-4, atol=1e-5)
    for (name, ours), theirs, was in zip(training.weights().items(), learner.model.parameters(), first, strict=True):
        theirs = theirs.detach().numpy().reshape(ours.shape)
        assert np.linalg.norm(ours - theirs) <= 1e-3 * np.linalg.norm(theirs), name
        assert np.linalg.norm(theirs - was.reshape(ours.shape)) > 1e-2 * np.linalg.norm(theirs), name
    assert training.loss(task.fold.valid) == pytest.approx(float(learner.recorder.values[-1][1]), rel=1e-3)


@pytest.mark.parametrize(
    ("n_levels", "n_users", "n_items", "n_factors"), [(2, 1, 30, 1), (100, 20, 30, 1), (5, 30, 1, 3), (5, 40, 60, 17)]
)
@pytest.mark.parametrize("objective", ["squared-error", "ordrec", "softmax"])
def test_implicit_feedback_trains_on_data_of_any_shape(make_task, objective, n_levels, n_users, n_items, n_factors):
    """One user, one item, items without ratings, two levels and a hundred; as the engine torch trains it."""
    shape = {"scale": tuple(range(n_levels)), "n_users": n_users, "n_items": n_items, "n_factors": n_factors}
    task = make_task(objective, 320, scorer=dot_product_bias_implicit, epochs=2, batch_size=16, learning_rate=5e-3, **shape)
    fused, torch = (fit(task, engine, keep_step_losses=True) for engine in ("fused", "torch"))
    np.testing.assert_allclose(fused.step_losses, torch.step_losses, rtol=1e-3, atol=1e-4)
    ours, theirs = (fitted.predictions["test"] for fitted in (fused, torch))
    what = "points" if objective == "squared-error" else "probabilities"
    np.testing.assert_allclose(getattr(ours, what), getattr(theirs, what), rtol=1e-3, atol=1e-3)
    assert fused.n_parameters == torch.n_parameters


def test_implicit_feedback_is_not_trained_by_sgd(make_task):
    task = make_task(scorer=dot_product_bias_implicit, optimizer="sgd")
    with pytest.raises(UserError, match="it trains implicit feedback by adam, not by sgd"):
        fit(task, "fused")


@pytest.mark.parametrize("objective", sorted(OBJECTIVES))
def test_first_weights_are_fastais_to_the_bit(make_task, objective):
    task = make_task(objective)
    theirs = [parameter.detach().numpy().ravel() for parameter in fastai_learner(task).model.parameters()]
    ours = [one.ravel() for one in FusedTraining(task).weights().values()]
    assert np.array_equal(np.concatenate(ours), np.concatenate(theirs))


def test_each_step_of_dense_adam_is_a_step_of_fastais_adam():
    """Changing rate, momentum and gradient, zero gradients among them: decay, averages and bias correction, 30 steps."""
    from cfce.engines.fastai_engine import quiet_fastai

    with quiet_fastai():
        import torch
        from fastai.optimizer import Adam

    from cfce.engines.fused_kernel import dense_adam

    rng = np.random.default_rng(0)
    first = rng.normal(0, 1, 100).astype(np.float32)
    theirs = torch.nn.Parameter(torch.from_numpy(first.copy()))
    optimiser = Adam([theirs], lr=0.0)
    ours, average, square = first.copy(), np.zeros_like(first), np.zeros_like(first)
    for step in range(1, 31):
        rate, momentum, decay = rng.uniform(0.001, 0.1), rng.uniform(0.85, 0.95), 0.1
        gradient = (rng.normal(0, 1, 100) * (rng.random(100) < 0.3)).astype(np.float32)
        theirs.grad = torch.from_numpy(gradient.copy())
        optimiser.set_hypers(lr=rate, mom=momentum, wd=decay)
        optimiser.step()
        dense_adam(ours, gradient, average, square, rate, momentum, decay, step)
        np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=2e-6, atol=2e-7)


@pytest.mark.parametrize("done", [0, 3, 16, 40, 128, 700, 1190])
def test_what_is_owed_to_a_row_is_what_adam_does_step_by_step_without_a_gradient(done):
    """From any step to any later one of a chunk; the reference is Adam's formula in float64."""
    from cfce.engines.fused_kernel import CHUNK, DEFERRED, begin_chunk, chunk, defer, settle_rows
    from cfce.engines.fused_types import Moving

    rng = np.random.default_rng(done)
    rates, momenta = one_cycle(0.1, 1200)
    n = chunk(done, 1200 - done)
    owed = np.zeros((1, CHUNK, DEFERRED))
    begin_chunk(owed, 0, done, n)
    first = rng.normal(0, 0.1, 60).astype(np.float32), rng.normal(0, 1e-3, 60).astype(np.float32)
    squared = (10 ** rng.uniform(-16, -2, 60) * (rng.random(60) < 0.9)).astype(np.float32)
    reference = []  # for each step since which a row is deferred: weights, average and squares
    for now in range(1, n + 1):
        step = done + now
        rate, momentum = rates[step - 1], momenta[step - 1]
        defer(owed, 0, rate, momentum, 0.1, done, now - 1)
        reference.append([one.astype(np.float64) for one in (*first, squared)])
        for since, (weights, average, square) in enumerate(reference):
            average, square = average * momentum, square * 0.99
            move = rate / (1 - momentum**step) * average / (np.sqrt(square / (1 - 0.99**step)) + 1e-5)
            weights = weights * (1 - rate * 0.1) - move
            reference[since] = [weights, average, square]
            params, a, s = first[0].copy(), first[1].copy(), squared.copy()
            settled = np.array([0, since, now], dtype=np.int32)  # a row before, which is not asked for, and one after
            sizes = np.uint64(3), np.uint64(20)
            settle_rows(np.array([1, 1, 2]), settled, now, *sizes, Moving(params, a, s), owed)
            assert settled.tolist() == [0, now, now]
            moved = np.abs(weights - first[0])[20:40]
            assert (np.abs(params - weights)[20:40] <= 3e-6 * moved + 2e-7 * np.abs(first[0][20:40])).all()
            np.testing.assert_allclose(a[20:40], average[20:40], rtol=1e-6)
            np.testing.assert_allclose(s[20:40], square[20:40], rtol=1e-6)
            for got, was in zip((params, a, s), (*first, squared), strict=True):
                assert np.array_equal(np.delete(got, slice(20, 40)), np.delete(was, slice(20, 40)))


def test_a_chunk_is_short_at_the_start_and_never_longer_than_what_is_left():
    from cfce.engines.fused_kernel import CHUNK, chunk

    assert [chunk(done, 1000) for done in (0, 3, 8, 63, 128, 900)] == [1, 1, 2, 15, 32, CHUNK]
    assert chunk(900, 5) == 5


def test_weights_that_no_batch_touches_decay_all_the_same(make_task):
    """Row 0, the unknown user, never has a gradient; fastai's Adam is dense and shrinks it by 1 - rate * decay each step."""
    from cfce.batches import epoch_order
    from cfce.seeds import stream

    task = make_task(learning_rate=0.05, weight_decay=0.5, batch_size=8)
    training = FusedTraining(task)
    before = training.weights()["user_factors"][0].copy()
    training.epoch(epoch_order(800, "permutation", stream(0, "order")))
    kept = np.prod(1 - training.rates[:100] * 0.5)
    assert kept < 0.3
    np.testing.assert_allclose(training.weights()["user_factors"][0], before * kept, rtol=1e-4)


def test_a_linear_layers_bias_does_not_decay_and_everything_else_does(make_task):
    training = FusedTraining(make_task("cross-entropy", weight_decay=0.5, learning_rate=0.05, batch_size=8))
    assert training.head_sizes.tolist() == [0] * 5 + [1] * 5  # weight (5, 1), bias (5,): 1 is without decay


@pytest.mark.parametrize("scale", [(0, 1), (0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5)], ids=["two levels", "half stars"])
@pytest.mark.parametrize("objective", sorted(OBJECTIVES))
def test_k_comes_from_the_scale(make_task, objective, scale):
    task = make_task(objective, 400, scale=scale, batch_size=8)
    fused, fastai = (fit(task, engine, keep_step_losses=True) for engine in ("fused", "fastai"))
    np.testing.assert_allclose(fused.step_losses, fastai.step_losses, rtol=0, atol=1e-5)
    prediction = fused.predictions["test"]
    assert (prediction.probabilities is None) == objective.startswith("squared-error")
    if prediction.probabilities is not None:
        assert prediction.probabilities.shape == (len(task.fold.test), len(scale))


def test_what_a_fit_gives_back(make_task):
    task = make_task("cross-entropy", epochs=2)
    fitted = fit(task, "fused")
    assert len(fitted.history) == 2
    assert fitted.step_losses == ()
    assert fitted.fit_seconds == sum(epoch.seconds for epoch in fitted.history) > 0
    assert {name: len(prediction) for name, prediction in fitted.predictions.items()} == {"valid": 100, "test": 100}
    assert fitted.n_parameters == (201 + 301) * 21 + 10
    assert fit(make_task("softmax"), "fused").n_parameters == 201 * (20 + 5) + 301 * 5 * 21
    assert fit(make_task("ordrec"), "fused").n_parameters == 201 * (20 + 5) + 301 * 21 + 4
    assert fitted.peak_memory_mb > 10


def test_order_seed_and_learning_rate_each_change_the_result(make_task):
    losses = {
        fit(make_task(**change), "fused").history[0].valid_loss
        for change in ({}, {"seed": 9}, {"order": 9}, {"learning_rate": 1e-3}, {"sampler": "bootstrap"}, {"weight_decay": 0.0})
    }
    assert len(losses) == 6


def test_an_epoch_forecasts_and_validates_without_touching_the_weights(make_task):
    training = FusedTraining(make_task("cross-entropy"))
    before = [training.rows.weights.copy(), training.head.weights.copy()]
    training.loss(training.task.fold.valid)
    training.predict(training.task.fold.valid)
    assert np.array_equal(training.rows.weights, before[0])
    assert np.array_equal(training.head.weights, before[1])


def test_a_loss_that_is_not_finite_is_told(make_task):
    reason = fit(make_task("cross-entropy", learning_rate=1e30), "fused").diverged
    assert reason is not None
    assert reason.startswith("the train loss of epoch 1 is ")


@pytest.mark.parametrize("engine", ["fastai", "torch", "default"])
def test_a_subclass_with_another_loss_trains_that_loss_on_every_engine(make_task, engine):
    """Twice the squared error; the parent's kernel, which the fused engine would take, knows the parent's loss alone."""
    from cfce.engines import default_engine, engines_for
    from cfce.objectives import OBJECTIVES

    class Twice(type(OBJECTIVES["squared-error"])):
        name = "twice"

        def torch_loss(self, output, level, scale):
            return super().torch_loss(output, level, scale) * 2

    task = make_task(Twice())
    network = (task.scorer, task.objective, task.options, "cpu")
    assert [one.name for one in engines_for(*network)] == ["fastai", "torch"]
    chosen = default_engine(*network).name if engine == "default" else engine
    plain = fit(make_task(), chosen, keep_step_losses=True)
    assert fit(task, chosen, keep_step_losses=True).step_losses[0] == pytest.approx(2 * plain.step_losses[0], rel=1e-6)
