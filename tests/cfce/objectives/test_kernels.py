"""What the fused engine is told of an objective: its gradients are those of its loss, and its outputs those of its torch head.

Every registered objective with a kernel is tested; a new one by being registered.
"""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfce.objectives import OBJECTIVES, usable_kernel
from cfce.scale import RatingScale
from cfce.seeds import stream

NAMES = sorted(name for name, objective in OBJECTIVES.items() if usable_kernel(objective))
FIVE = RatingScale((1, 2, 3, 4, 5))
SCALES = [FIVE, RatingScale((0.5, 1, 1.5, 2)), RatingScale((0, 1))]


def flat_head(objective, scale, rng):
    """The first head, each weight moved a little, so that nothing holds by its symmetry alone."""
    parts = objective.initial_head(scale, stream(0, "head")).values()
    head = np.concatenate([part.ravel() for part in parts] or [np.empty(0)]).astype(np.float64)
    return head + rng.normal(0, 0.3, len(head))


def loss_and_gradients(objective, scale, scores, level, head):
    """In float64: the plain function, not compiled, so that a difference of 1e-6 in its input still shows."""
    kernel = objective.kernel(scale)
    gradient, scratch, slopes = np.zeros_like(head), np.zeros(kernel.scratch), np.full(len(scores), np.nan)
    loss = kernel.step(scores, level, kernel.constants.astype(np.float64), head, slopes, gradient, scratch)
    return loss, slopes, gradient


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), level=st.integers(0, 4), spread=st.sampled_from([0.1, 1.0, 3.0]))
def test_a_gradient_is_the_slope_of_the_loss_by_central_differences(name, seed, level, spread):
    objective, h, rng = OBJECTIVES[name], 1e-5, np.random.default_rng(seed)
    head = flat_head(objective, FIVE, rng)
    scores = rng.normal(0, spread, len(objective.outputs(FIVE))).clip(-2.9, 2.9)  # within the ranges that heads clip to
    _, slopes, gradient = loss_and_gradients(objective, FIVE, scores, level, head)
    inputs, gradients = np.concatenate([scores, head]), np.concatenate([slopes, gradient])
    for at in range(len(inputs)):
        moved = np.zeros_like(inputs)
        moved[at] = h
        above, below = (
            loss_and_gradients(objective, FIVE, values[: len(scores)], level, values[len(scores) :])[0]
            for values in (inputs + moved, inputs - moved)
        )
        assert gradients[at] == pytest.approx((above - below) / (2 * h), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_a_head_gradient_is_added_to_what_is_there(name):
    objective, rng = OBJECTIVES[name], np.random.default_rng(0)
    head, scores = flat_head(objective, FIVE, rng), rng.normal(0, 1, len(objective.outputs(FIVE)))
    once = loss_and_gradients(objective, FIVE, scores, 2, head)[2]
    kernel, there = objective.kernel(FIVE), np.ones_like(head)
    constants = kernel.constants.astype(np.float64)
    kernel.step(scores, 2, constants, head, np.zeros_like(scores), there, np.zeros(kernel.scratch))
    np.testing.assert_allclose(there, 1 + once)


@pytest.mark.parametrize("scale", SCALES, ids=["five", "half stars", "two"])
@pytest.mark.parametrize("name", NAMES)
def test_loss_gradients_and_output_are_those_of_torch(name, scale):
    """One rating at a time through the compiled kernel, all at once through torch's head, loss and autograd."""
    import torch

    from cfce.engines.compiled import compiled_output, compiled_step

    objective, rng = OBJECTIVES[name], np.random.default_rng(1)
    kernel, kinds = objective.kernel(scale), objective.outputs(scale)
    scores = rng.normal(0, 1.2, (50, len(kinds))).astype(np.float32)
    levels = rng.integers(0, scale.n_levels, 50)
    head = flat_head(objective, scale, rng).astype(np.float32)
    module, at = objective.torch_head(scale), 0
    for parameter in module.parameters():
        parameter.data = torch.from_numpy(head[at : at + parameter.numel()].reshape(parameter.shape).copy())
        at += parameter.numel()
    assert at == len(head)
    theirs = torch.from_numpy(scores if len(kinds) > 1 else scores[:, 0]).requires_grad_()
    output = module(theirs)
    loss = objective.torch_loss(output, torch.from_numpy(levels), scale)
    slopes, *of_head = torch.autograd.grad(loss, [theirs, *module.parameters()])

    low, high = scale.y_range
    share = 1 / (1 + np.exp(-scores)) if kernel.ranged else None
    seen = (low + share * (high - low)).astype(np.float32) if kernel.ranged else scores
    bends = (high - low) * share * (1 - share) if kernel.ranged else 1
    step, write = compiled_step(kernel.step), compiled_output(kernel.output)
    ours, losses = np.empty((50, kernel.width), np.float32), []
    our_slopes, gradient = np.full(scores.shape, np.nan, np.float32), np.zeros_like(head)
    scratch = np.empty(kernel.scratch, np.float32)
    for k in range(50):
        losses.append(step(seen[k], levels[k], kernel.constants, head, our_slopes[k], gradient, scratch))
        write(seen[k], kernel.constants, head, ours[k])
    np.testing.assert_allclose(ours, output.detach().numpy().reshape(50, -1), rtol=1e-5, atol=1e-5)
    assert np.mean(losses) == pytest.approx(loss.item(), rel=1e-5)
    np.testing.assert_allclose((our_slopes * bends).reshape(slopes.shape) / 50, slopes, rtol=1e-3, atol=1e-5)
    reference = np.concatenate([np.empty(0), *[one.numpy().ravel() for one in of_head]])
    np.testing.assert_allclose(gradient / 50, reference, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_a_kernel_is_declared_squared_only_where_its_step_is(name):
    """A loop computes the square itself and does not ask the step."""
    kernel = OBJECTIVES[name].kernel(FIVE)
    if not kernel.squared:
        return
    slope, none = np.empty(1, np.float32), np.empty(0, np.float32)
    shift = np.float32(0) if kernel.ranged else kernel.constants[-1]
    for level in range(5):
        error = np.float32(1.3) + shift - kernel.constants[level]
        loss = kernel.step(np.float32([1.3]), level, kernel.constants, none, slope, none, none)
        assert (loss, slope[0]) == pytest.approx((error**2, 2 * error))


@pytest.mark.parametrize("scale", SCALES, ids=["five", "half stars", "two"])
@pytest.mark.parametrize("name", sorted(OBJECTIVES))
def test_the_probability_of_a_level_is_what_the_loss_takes(name, scale):
    """Where the loss is a negative log probability, it is that of the prediction's own distribution."""
    import torch

    objective, rng = OBJECTIVES[name], np.random.default_rng(2)
    kinds = objective.outputs(scale)
    scores = torch.from_numpy(rng.normal(0, 1, (30, len(kinds))).astype(np.float32))
    with torch.no_grad():
        output = objective.torch_head(scale)(scores if len(kinds) > 1 else scores[:, 0])
    prediction = objective.predict(output.numpy(), scale)
    assert (prediction.probabilities is None) == name.startswith("squared-error")
    if prediction.probabilities is None or name in ("rps", "hl-gauss"):
        return
    np.testing.assert_allclose(prediction.probabilities.sum(axis=1), 1, atol=1e-5)
    for k in range(30):
        for level in range(scale.n_levels):
            loss = objective.torch_loss(output[k : k + 1], torch.tensor([level]), scale).item()
            assert np.exp(-loss) == pytest.approx(prediction.probabilities[k, level], rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_scores_far_out_give_a_finite_loss(name):
    objective, rng = OBJECTIVES[name], np.random.default_rng(0)
    for sign in (-1, 1):
        scores = sign * 30 * np.ones(len(objective.outputs(FIVE)))
        for level in range(5):
            loss, slopes, gradient = loss_and_gradients(objective, FIVE, scores, level, flat_head(objective, FIVE, rng))
            assert np.isfinite([loss, *slopes, *gradient]).all()


@pytest.mark.parametrize("name", sorted(OBJECTIVES))
def test_an_objective_is_a_frozen_value_whose_fields_are_its_options(name):
    objective = OBJECTIVES[name]
    assert dataclasses.replace(objective) == objective
    assert hash(objective) == hash(dataclasses.replace(objective))
    assert objective.family in ("regression", "classification", "ordinal")


@pytest.mark.parametrize("name", ["cross-entropy", "cross-entropy-sigmoid"])
def test_an_ordered_head_is_the_same_for_every_seed_and_rises_with_the_rating(name):
    objective = dataclasses.replace(OBJECTIVES[name], head_init="ordered")
    first, second = (objective.initial_head(FIVE, stream(seed, "head")) for seed in (0, 1))
    assert first["linear.weight"].ravel().tolist() == second["linear.weight"].ravel().tolist() == [-1, -0.5, 0, 0.5, 1]
    assert not first["linear.bias"].any()


def test_a_subclass_that_changes_the_loss_or_the_head_has_no_kernel_until_it_defines_one():
    base = type(OBJECTIVES["squared-error"])

    class OtherLoss(base):
        def torch_loss(self, output, level, scale):
            return super().torch_loss(output, level, scale) * 2

    class OtherHead(base):
        def torch_head(self, scale):
            return super().torch_head(scale)

    class OwnKernel(OtherLoss):
        def kernel(self, scale):
            return None

    class OtherName(base):
        name = "another"

    assert [usable_kernel(kind()) for kind in (base, OtherLoss, OtherHead, OwnKernel, OtherName)] == [
        True, False, False, True, True,
    ]  # fmt: skip
