import math

import pytest

from cfce.metrics import accuracy_skill, normalized_accuracy, skill


def test_skill_is_the_share_of_the_references_loss_that_is_saved():
    assert skill(0.75, 1.0) == 0.25
    assert skill(1.0, 1.0) == 0
    assert skill(1.5, 1.0) == -0.5
    assert math.isnan(skill(1.0, 0.0))


def test_there_is_no_skill_over_a_reference_of_infinite_loss():
    """As the NLL of a constant that gave a level of the held-out ratings probability 0."""
    assert math.isnan(skill(1.5, math.inf))
    assert math.isnan(skill(math.inf, math.inf))
    assert skill(math.inf, 1.5) == -math.inf


def test_accuracy_skill_is_the_skill_of_the_error_rate():
    assert accuracy_skill(0.6, 0.2) == pytest.approx(skill(0.4, 0.8))
    assert accuracy_skill(1.0, 0.342) == 1
    assert math.isnan(accuracy_skill(0.5, 1.0))


def test_accuracy_skill_over_chance_is_the_normalised_accuracy():
    assert accuracy_skill(0.415, 0.2) == pytest.approx(normalized_accuracy(0.415, 5))
