"""Probabilities of levels keep their digits however improbable a level is, above the middle as below."""

import numpy as np
import pytest

from cfce.objectives import OBJECTIVES
from cfce.ratings import RatingScale

FAR = 30.0
"""As far as a head may put a threshold: exp(-30) is 9e-14, which 1 - (1 - 9e-14) would give to two digits."""


@pytest.mark.parametrize("name", ["cumulative-logit", "cumulative-probit", "gaussian"])
def test_mirrored_outputs_give_mirrored_probabilities(name):
    scale = RatingScale((1.0, 2.0, 3.0, 4.0, 5.0))
    far = 8.0 if "probit" in name else FAR
    if name == "gaussian":  # a mean, and the logarithm of sigma
        low, high = np.array([[-9.0, 0.0]], np.float32), np.array([[15.0, 0.0]], np.float32)
    else:
        low = np.array([[far, far + 0.5, far + 1, far + 2]], np.float32)
        high = -low[:, ::-1]
    found = [OBJECTIVES[name].predict(output, scale).probabilities[0] for output in (low, high)]
    np.testing.assert_allclose(found[0], found[1][::-1], rtol=1e-5)
    assert found[0].min() > 0


def test_the_top_level_of_corn_is_the_product_of_its_conditionals():
    """Nine logits of -5: 1 / (1 + e^5) to the ninth, 2.7e-20, far below what a difference from 1 would show."""
    scale = RatingScale(tuple(np.arange(1.0, 11.0)))
    found = OBJECTIVES["corn"].predict(np.full((1, 9), -5.0, np.float32), scale).probabilities[0]
    assert found[-1] == pytest.approx((1 / (1 + np.exp(5.0))) ** 9, rel=1e-5)
    assert found.sum() == pytest.approx(1, abs=1e-6)
