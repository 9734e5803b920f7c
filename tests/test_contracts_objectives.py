"""What every registered objective owes; a new one is tested by being registered. That engines agree is a test of variants."""

from dataclasses import fields, is_dataclass

import numpy as np
import pytest
import torch

from cfce.estimators.estimator import FAMILIES
from cfce.objectives import OBJECTIVES
from cfce.options import field_docs, options_of
from cfce.scale import RatingScale
from cfce.seeds import stream

SCALES = {"five stars": RatingScale((1, 2, 3, 4, 5)), "half stars": RatingScale.parse("0.5:5:0.5"), "liked": RatingScale((0, 1))}
B = 40

CASES = [(name, scale) for name in OBJECTIVES for scale in SCALES]


@pytest.fixture
def batch():
    """``batch(objective, scale)``: its head with its first weights, B scores that want a gradient, and B observed levels."""

    def make(objective, scale):
        head = objective.torch_head(scale)
        first = objective.initial_head(scale, stream(0, "head"))
        if first:
            head.load_state_dict({name: torch.from_numpy(array) for name, array in first.items()})
        d = len(objective.outputs(scale))
        rng = np.random.default_rng(0)
        scores = rng.normal(0, 1, B if d == 1 else (B, d)).astype(np.float32)
        level = torch.from_numpy(rng.integers(0, scale.n_levels, B))
        return head, torch.from_numpy(scores).requires_grad_(), level

    return make


@pytest.mark.parametrize("name", OBJECTIVES)
def test_it_declares_its_name_its_family_and_a_line_for_each_option(name):
    objective = OBJECTIVES[name]
    assert objective.name == name
    assert objective.family in FAMILIES
    assert objective.description
    assert "`" not in objective.description
    if is_dataclass(objective):
        options, docs = options_of(objective), field_docs(type(objective))
        for field in fields(objective):
            assert field.name in options, f"{field.name} is of no type that an option can have"
            assert docs.get(field.name), f"{field.name} has no line of docstring"


@pytest.mark.parametrize(("name", "of"), CASES)
def test_the_first_weights_are_those_of_its_head_and_come_from_the_generator(name, of):
    objective, scale = OBJECTIVES[name], SCALES[of]
    first, same = (objective.initial_head(scale, stream(7, "head")) for _ in range(2))
    shapes = {key: tuple(value.shape) for key, value in objective.torch_head(scale).named_parameters()}
    assert {key: value.shape for key, value in first.items()} == shapes
    for key, value in first.items():
        assert value.dtype == np.float32
        np.testing.assert_array_equal(value, same[key])


@pytest.mark.parametrize(("name", "of"), CASES)
def test_the_loss_is_the_mean_over_the_batch_and_every_score_gets_a_finite_gradient(name, of, batch):
    objective, scale = OBJECTIVES[name], SCALES[of]
    head, scores, level = batch(objective, scale)
    loss = objective.torch_loss(head(scores), level, scale)
    assert loss.shape == ()
    single = [objective.torch_loss(head(scores[i : i + 1]), level[i : i + 1], scale).item() for i in range(B)]
    assert loss.item() == pytest.approx(np.mean(single), rel=1e-4)
    loss.backward()
    for gradient in (scores.grad, *(parameter.grad for parameter in head.parameters())):
        assert gradient is not None
        assert torch.isfinite(gradient).all()
        assert (gradient != 0).any()


@pytest.mark.parametrize(("name", "of"), CASES)
def test_a_few_steps_down_the_gradient_lower_the_loss(name, of, batch):
    objective, scale = OBJECTIVES[name], SCALES[of]
    head, scores, level = batch(objective, scale)
    optimizer = torch.optim.SGD([scores, *head.parameters()], lr=0.05)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = objective.torch_loss(head(scores), level, scale)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(("name", "of"), CASES)
def test_its_prediction_has_a_row_a_rating_within_the_scale(name, of, batch):
    objective, scale = OBJECTIVES[name], SCALES[of]
    head, scores, _ = batch(objective, scale)
    prediction = objective.predict(head(scores).detach().numpy(), scale)
    assert len(prediction) == B
    assert (prediction.points is not None) or (prediction.probabilities is not None)
    if objective.family == "regression":
        assert prediction.points is not None
    else:
        assert prediction.probabilities is not None
    low, high = scale.y_range
    if prediction.points is not None:
        assert prediction.points.dtype == np.float32
        assert ((prediction.points >= low) & (prediction.points <= high)).all()
    if prediction.probabilities is not None:
        assert prediction.probabilities.dtype == np.float32
        assert prediction.probabilities.shape == (B, scale.n_levels)
        assert (prediction.probabilities >= 0).all()
        np.testing.assert_allclose(prediction.probabilities.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(("name", "of"), CASES)
def test_scores_far_out_give_finite_losses_and_predictions(name, of, batch):
    """A score of 60 either way: what a module of one's own may give."""
    objective, scale = OBJECTIVES[name], SCALES[of]
    head, scores, level = batch(objective, scale)
    with torch.no_grad():
        for factor in (60.0, -60.0):
            output = head(torch.sign(scores) * factor)
            assert torch.isfinite(objective.torch_loss(output, level, scale))
            prediction = objective.predict(output.numpy(), scale)
            assert np.isfinite(prediction.decode("mean")).all()
