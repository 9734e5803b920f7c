"""Drawn ratings of a known kind are of that kind."""

import numpy as np
import pytest

from cfce.datasets import load_dataset
from cfce.datasets.synthetic import SCALE, load_truth
from cfce.datasets.synthetic_kinds import NOISE, cut, drawn, user_thresholds
from cfce.errors import UserError

N = 50_000


@pytest.mark.parametrize("kind", ["gaussian", "user-thresholds"])
def test_it_is_the_same_at_every_call_and_has_its_name(kind):
    ratings = load_dataset(f"{kind}-1000", log=lambda line: None)
    assert ratings.name == f"{kind}-1000"
    assert ratings.fingerprint == drawn(kind, 1000).fingerprint
    assert len(ratings) == 1000


def test_a_gaussian_rating_is_the_nearest_to_a_normal_around_the_known_mean():
    """Half-way between midpoints nothing is cut off: there the variance is that of the noise and of rounding, 1/12."""
    ratings = drawn("gaussian", N)
    mean = load_truth(N).means(ratings.user, ratings.item)
    middle = np.abs(mean - 3) < 0.3
    error = SCALE.array[ratings.level[middle]] - mean[middle]
    assert error.mean() == pytest.approx(0, abs=0.03)
    assert error.var() == pytest.approx(NOISE**2 + 1 / 12, rel=0.05)


def test_users_cut_the_latent_scale_each_their_own_way():
    """What a user's thresholds explain of the ratings beyond the mean is much in one kind and nothing in the other."""
    shift, stretch = user_thresholds(len(drawn("gaussian", N).user_ids))
    explained = []
    for kind in ("user-thresholds", "gaussian"):
        ratings = drawn(kind, N)
        mean = load_truth(N).means(ratings.user, ratings.item)
        own = SCALE.array[cut(mean, ratings.user, shift, stretch)]
        common = SCALE.array[SCALE.nearest(mean)]
        observed = SCALE.array[ratings.level]
        explained.append(np.mean((observed - common) ** 2) - np.mean((observed - own) ** 2))
    assert explained[0] > 0.1 > 0 > explained[1]


def test_levels_rise_with_the_latent_value_and_with_lower_thresholds():
    shift, stretch = np.array([0.0, 0.5]), np.array([1.0, 1.0])
    latent = np.linspace(0, 6, 50)
    first, second = (cut(latent, np.full(50, user, np.int32), shift, stretch) for user in (1, 2))
    assert (np.diff(first.astype(int)) >= 0).all()
    assert (first >= second).all()
    np.testing.assert_array_equal(first, SCALE.nearest(latent))


def test_a_bad_size_gets_a_sentence():
    with pytest.raises(UserError, match="dataset 'gaussian-5' came; it is gaussian-N with N from 100"):
        load_dataset("gaussian-5")
