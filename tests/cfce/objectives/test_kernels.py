"""What the fused engine is told of an objective: its gradients are those of its loss, and its outputs those of its torch head."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfce.objectives import objective_named
from cfce.scale import RatingScale
from cfce.seeds import stream

BUILT_IN = ("squared-error", "cross-entropy", "cross-entropy-sigmoid")
FIVE = RatingScale((1, 2, 3, 4, 5))


def flat_head(objective, scale, seed=0):
    parts = objective.initial_head(scale, stream(seed, "head")).values()
    return np.concatenate([part.ravel() for part in parts] or [np.empty(0)]).astype(np.float64)


def loss_and_gradients(objective, scale, score, level, head):
    """In float64: the plain function, not compiled, so that a difference of 1e-6 in its input still shows."""
    gradient, scratch = np.zeros_like(head), np.zeros(scale.n_levels)
    values = scale.array.astype(np.float64)
    loss, slope = objective.kernel(scale).step(score, level, head, values, *scale.y_range, gradient, scratch)
    return loss, slope, gradient


@pytest.mark.parametrize("name", BUILT_IN)
@settings(max_examples=60, deadline=None)
@given(score=st.floats(-6, 6), level=st.integers(0, 4), seed=st.integers(0, 50))
def test_a_gradient_is_the_slope_of_the_loss_by_central_differences(name, score, level, seed):
    objective, h = objective_named(name), 1e-5
    head = flat_head(objective, FIVE, seed)
    _, slope, gradient = loss_and_gradients(objective, FIVE, score, level, head)

    def loss(score, head):
        return loss_and_gradients(objective, FIVE, score, level, head)[0]

    assert slope == pytest.approx((loss(score + h, head) - loss(score - h, head)) / (2 * h), rel=1e-5, abs=1e-7)
    for at in range(len(head)):
        step = np.zeros_like(head)
        step[at] = h
        measured = (loss(score, head + step) - loss(score, head - step)) / (2 * h)
        assert gradient[at] == pytest.approx(measured, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_head_gradient_is_added_to_what_is_there(name):
    objective = objective_named(name)
    head = flat_head(objective, FIVE)
    once = loss_and_gradients(objective, FIVE, 0.3, 2, head)[2]
    there = np.ones_like(head)
    values = FIVE.array.astype(np.float64)
    objective.kernel(FIVE).step(0.3, 2, head, values, *FIVE.y_range, there, np.zeros(5))
    np.testing.assert_allclose(there, 1 + once)


@pytest.mark.parametrize("scale", [FIVE, RatingScale((0.5, 1, 1.5, 2))], ids=["five", "half stars"])
@pytest.mark.parametrize("name", BUILT_IN)
def test_loss_and_output_are_those_of_the_torch_head(name, scale):
    """One rating at a time through the kernel, all at once through torch's own losses."""
    import torch

    objective = objective_named(name)
    kernel, rng = objective.kernel(scale), np.random.default_rng(1)
    scores = rng.normal(0, 2, 50).astype(np.float32)
    levels = rng.integers(0, scale.n_levels, 50)
    head = flat_head(objective, scale)
    module = objective.torch_head(scale)
    weights = objective.initial_head(scale, stream(0, "head"))
    module.load_state_dict({key: torch.from_numpy(value) for key, value in weights.items()})
    with torch.no_grad():
        theirs = module(torch.from_numpy(scores))
        loss = float(objective.torch_loss(theirs, torch.from_numpy(levels), scale))
    ours = np.empty((50, kernel.width))
    for score, out in zip(scores, ours, strict=True):
        kernel.output(float(score), head, scale.array, *scale.y_range, out)
    np.testing.assert_allclose(ours, theirs.numpy().reshape(50, -1), rtol=1e-5, atol=1e-5)
    losses = [loss_and_gradients(objective, scale, float(s), int(k), head)[0] for s, k in zip(scores, levels, strict=True)]
    assert np.mean(losses) == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize("name", ["cross-entropy", "cross-entropy-sigmoid"])
def test_logits_far_apart_give_a_finite_loss(name):
    """The highest logit is taken away before the exponential: exp(1000) would not be a number."""
    objective = objective_named(name)
    head = np.array([500.0, 0, 0, 0, -500, 0, 0, 0, 0, 0])
    loss, slope, gradient = loss_and_gradients(objective, FIVE, 2.0, 4, head)
    assert 500 < loss < 1e4
    assert np.isfinite([slope, *gradient]).all()
