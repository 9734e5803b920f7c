"""Stochastic gradient descent by single ratings."""

import numpy as np
import pytest

from cfce.engines import fit
from cfce.engines.fused_engine import FusedTraining
from cfce.errors import UserError
from cfce.models.dot_product_weights import initial_weights
from cfce.objectives import OBJECTIVES
from cfce.options import TrainingOptions
from cfce.seeds import stream

RATE, L2 = 0.05, 0.1


def shuffled(n, seed):
    from cfce.engines.sgd_kernel import shuffle

    order = np.arange(n, dtype=np.uint64)
    shuffle(order, np.uint64(seed))
    return order


def unpacked(packed, n_items):
    """User, item and level of each packed rating."""
    bits = n_items.bit_length()
    return [(one >> (8 + bits), (one >> 8) % 2**bits, one % 256) for one in packed.tolist()]


def by_torch(task, packed):
    """The same descent by autograd, one packed rating at a time; weights by name, and losses."""
    import torch

    from cfce.engines.network import build_network

    network, losses = build_network(task), []
    for user, item, level in unpacked(packed, task.sizes.n_items):
        codes = torch.tensor([user]), torch.tensor([item])
        loss = task.objective.torch_loss(network(*codes), torch.tensor([level]), task.sizes.scale)
        named = dict(network.named_parameters())
        gradients = torch.autograd.grad(loss, list(named.values()))
        losses.append(loss.item())
        with torch.no_grad():
            for (name, weight), gradient in zip(named.items(), gradients, strict=True):
                if name.startswith("head."):
                    weight -= RATE * gradient
                    continue
                row = codes[0] if ".user" in name else codes[1]
                weight[row] -= RATE * (gradient[row] + L2 * weight[row])
    return {name.partition(".")[2]: weight.detach().numpy() for name, weight in network.named_parameters()}, losses


@pytest.mark.parametrize("objective", sorted(OBJECTIVES))
def test_an_epoch_is_the_descent_that_autograd_takes(make_task, objective):
    task = make_task(objective, 240, optimizer="sgd", learning_rate=RATE, regularization=L2, n_factors=5, batch_size=8)
    training = FusedTraining(task)
    losses = training.sgd_epoch(stream(task.order, "order"))
    theirs, their_losses = by_torch(task, training.packed)
    np.testing.assert_allclose(losses, np.reshape(their_losses, (-1, 8)).mean(axis=1), rtol=1e-4, atol=1e-5)
    for name, weight in training.weights().items():
        np.testing.assert_allclose(weight, theirs[name], rtol=1e-3, atol=2e-5)


def test_a_shuffle_is_a_permutation_that_its_seed_decides():
    assert sorted(shuffled(1000, 1)) == list(range(1000))
    assert np.array_equal(shuffled(1000, 1), shuffled(1000, 1))
    assert not np.array_equal(shuffled(1000, 1), shuffled(1000, 2))


def test_a_shuffle_puts_each_number_anywhere_alike():
    """Of 6,000 shuffles of 6 numbers each of the 36 places of a number comes 1,000 times, give or take 5 standard deviations."""
    counts = np.zeros((6, 6))
    for seed in range(6000):
        counts[np.arange(6), shuffled(6, seed)] += 1
    assert (np.abs(counts - 1000) < 5 * np.sqrt(1000 * 5 / 6)).all()


@pytest.mark.parametrize("objective", ["squared-error", "squared-error-linear"])
def test_a_loss_in_place_is_the_descent_of_its_step(make_task, objective):
    task = make_task(objective, 807, optimizer="sgd", learning_rate=RATE, regularization=L2, n_factors=20)
    in_place, by_step = FusedTraining(task), FusedTraining(task)
    assert in_place.squared
    by_step.squared = False
    one, other = (training.sgd_epoch(stream(3, "order")) for training in (in_place, by_step))
    np.testing.assert_allclose(one, other, rtol=1e-5)
    np.testing.assert_allclose(in_place.rows.weights, by_step.rows.weights, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("sampler", ["permutation", "bootstrap"])
def test_an_epoch_takes_the_ratings_of_train(make_task, sampler):
    task = make_task(optimizer="sgd", sampler=sampler)
    training = FusedTraining(task)
    training.sgd_epoch(stream(3, "order"))
    train = task.fold.train
    mine = sorted(unpacked(training.packed, task.sizes.n_items))
    assert mine == sorted(zip(train.user.tolist(), train.item.tolist(), train.level.tolist(), strict=True))


def test_more_users_and_items_than_one_number_holds_are_told(make_task):
    training = FusedTraining(make_task(optimizer="sgd"))
    training.layout = training.layout._replace(n_users=np.uint64(2**30), n_items=np.uint64(2**30))
    with pytest.raises(UserError, match=r"1073741824 users and 1073741824 items came; .* choose the optimizer 'adam'"):
        training.sgd_epoch(stream(3, "order"))


def test_the_rate_falls_by_the_decay_each_epoch(make_task):
    """The second epoch at a decay of 0.5 is an epoch at half the rate from the same weights in the same order."""
    task = make_task(optimizer="sgd", learning_rate=0.1, rate_decay=0.5, regularization=0.0, n_factors=3)
    falling, steady = (
        FusedTraining(task),
        FusedTraining(make_task(optimizer="sgd", learning_rate=0.05, regularization=0.0, n_factors=3)),
    )
    rng = stream(1, "order")
    falling.sgd_epoch(stream(0, "order"))
    for own, other in zip(falling.rows[:1] + falling.head[:1], steady.rows[:1] + steady.head[:1], strict=True):
        other[...] = own
    steady.packed = falling.packed.copy()
    falling.sgd_epoch(rng)
    steady.sgd_epoch(stream(1, "order"))
    assert np.array_equal(falling.rows.weights, steady.rows.weights)


@pytest.mark.parametrize("objective", ["squared-error", "cross-entropy"])
def test_every_rating_counts_a_partial_batch_too(make_task, objective):
    """A batch only cuts the reported losses: the weights do not depend on its size."""
    ours = [FusedTraining(make_task(objective, 807, optimizer="sgd", batch_size=size)) for size in (8, 100)]
    for training in ours:
        training.sgd_epoch(stream(3, "order"))
    assert np.array_equal(ours[0].rows.weights, ours[1].rows.weights)


@pytest.mark.parametrize("sampler", ["permutation", "bootstrap"])
def test_a_fit_learns_and_is_repeatable(make_task, sampler):
    task = make_task("cumulative-logit", 8000, optimizer="sgd", learning_rate=0.05, epochs=5, sampler=sampler)
    one, other = fit(task, "fused", keep_step_losses=True), fit(task, "fused", keep_step_losses=True)
    assert one.step_losses == other.step_losses
    assert len(one.step_losses) == 5 * task.steps
    assert one.history[-1].valid_loss < one.history[0].valid_loss - 0.02


@pytest.mark.parametrize("engine", ["torch", "fastai"])
def test_another_engine_says_that_it_trains_by_adam(make_task, engine):
    with pytest.raises(UserError, match=f"the engine '{engine}' .*it trains by adam, not by sgd; choose another engine"):
        fit(make_task(optimizer="sgd"), engine)


def test_a_rate_that_is_too_high_is_told(make_task):
    reason = fit(make_task("squared-error-linear", optimizer="sgd", learning_rate=1e3), "fused").diverged
    assert reason is not None
    assert reason.startswith("the train loss of epoch 1 is ")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"optimizer": "sdg"}, "did you mean|sgd"),
        ({"regularization": -1.0}, "regularization -1 came; .* 0 or above"),
        ({"regularization": float("nan")}, "regularization nan came"),
        ({"rate_decay": 0.0}, "rate decay 0 came; .* above 0 and at most 1"),
        ({"rate_decay": 1.5}, "rate decay 1.5 came"),
    ],
)
def test_an_option_out_of_range_is_told(wrong, told):
    with pytest.raises(UserError, match=told):
        TrainingOptions(**wrong)


def test_sgd_starts_from_the_same_weights(make_task):
    task = make_task(optimizer="sgd")
    first = initial_weights(task.sizes, stream(task.seed, "weights"))
    assert all(np.array_equal(one, first[name]) for name, one in FusedTraining(task).weights().items())
    assert OBJECTIVES["squared-error"].initial_head(task.sizes.scale, stream(0, "head")) == {}
