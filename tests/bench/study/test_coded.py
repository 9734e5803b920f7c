"""Distributions in two bytes a level move no score by more than 1e-5, whatever their shape."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.comparison.part_scores import score_part
from bench.study import HeldOut
from bench.study.prediction_file import read_predictions, write_predictions
from cfce.metrics import normal_over_levels
from cfce.predictions import Prediction
from cfce.scale import RatingScale

FIVE = RatingScale((1, 2, 3, 4, 5))


def drawn(n, scale, spread, noise, seed=0):
    """Held-out ratings, 20 a user, and normals cut into levels around noisy scores, some of which are sure of a level."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(0.6, 0.25, n) * scale.span + scale.values[0]
    level = scale.nearest(scores + rng.normal(0, spread, n) * scale.span)
    sigma = spread * scale.span * rng.lognormal(0, noise, (n, 1))
    edges = (scale.midpoints - scores[:, None]) / sigma
    below = 1 / (1 + np.exp(-np.clip(edges, -80, 80)))
    mass = np.diff(below, axis=1, prepend=0.0, append=1.0).astype(np.float32)
    user = rng.integers(0, n // 20, n).astype(str).astype(object)
    return HeldOut("test", user, np.arange(n).astype(object), level, Prediction(scale, probabilities=mass))


def back(tmp_path, held):
    write_predictions(tmp_path / "one.parquet", {"test": held}, held.prediction.scale)
    size = (tmp_path / "one.parquet").stat().st_size
    return read_predictions(tmp_path / "one.parquet", held.prediction.scale)["test"], size / len(held.level)


def scores(held):
    codes = np.unique(held.user.astype(str), return_inverse=True)[1]
    found = score_part(held.prediction, held.level, codes)
    return {**found.scores, **{" ".join(key): value for key, value in found.grid.items()}}, found.confusion, found.impossible


@pytest.mark.parametrize("n_levels", [2, 5, 10, 40])
def test_no_score_moves_by_more_than_1e_minus_5(tmp_path, n_levels):
    held = drawn(4_000, RatingScale(tuple(range(1, n_levels + 1))), spread=0.2, noise=0.5)
    (before, confusion, _), (after, confusion_after, _) = scores(held), scores(back(tmp_path, held)[0])
    assert {name: abs(after[name] - before[name]) for name in before if not abs(after[name] - before[name]) <= 1e-5} == {}
    np.testing.assert_array_equal(confusion_after, confusion)


@settings(max_examples=15, deadline=None)
@given(spread=st.floats(0.01, 2), noise=st.floats(0, 3), seed=st.integers(0, 99))
def test_nor_do_those_of_sharp_flat_and_mixed_distributions(tmp_path_factory, spread, noise, seed):
    held = drawn(2_000, FIVE, spread, noise, seed)
    (before, confusion, zeros), (after, confusion_after, zeros_after) = (
        scores(held),
        scores(back(tmp_path_factory.mktemp("coded"), held)[0]),
    )
    for name, value in before.items():
        assert after[name] == pytest.approx(value, abs=1e-5, nan_ok=True), name
    np.testing.assert_array_equal(confusion_after, confusion)
    assert zeros_after == zeros


def test_a_held_out_rating_of_five_levels_takes_at_most_8_bytes(tmp_path):
    assert back(tmp_path, drawn(20_000, FIVE, spread=0.2, noise=0.5))[1] <= 8


def test_a_probability_that_no_code_can_hold_is_kept_as_it_is(tmp_path):
    held = drawn(2_000, FIVE, spread=0.2, noise=0.5)
    mass = held.prediction.probabilities
    mass[7], held.level[7] = (0.5, 0.25, 0.25, 0, 1e-20), 4
    mass[8], held.level[8] = (0.5, 0.25, 0.25, 0, 0), 3
    after = back(tmp_path, held)[0].prediction.probabilities
    np.testing.assert_array_equal(after[7], mass[7])
    assert after[8, 3] == 0


def test_few_distinct_distributions_and_small_files_are_exact(tmp_path):
    few = drawn(20_000, FIVE, spread=0.2, noise=0.5)
    few.prediction.probabilities[:] = few.prediction.probabilities[:1]
    small = drawn(500, FIVE, spread=0.2, noise=0.5)
    for held in (few, small):
        after, size = back(tmp_path, held)
        np.testing.assert_array_equal(after.prediction.probabilities, held.prediction.probabilities)
        assert held is small or size < 0.5


def test_normals_around_points_cost_no_more_than_the_points(tmp_path):
    held = drawn(20_000, FIVE, spread=0.2, noise=0.5)
    points = held.prediction.decode("mean").astype(np.float32)
    mass = normal_over_levels(points, 0.9, FIVE).astype(np.float32)
    after, size = back(tmp_path, HeldOut("test", held.user, held.item, held.level, Prediction(FIVE, points, mass, sigma=0.9)))
    assert size <= 4
    np.testing.assert_array_equal(after.prediction.probabilities, mass)
    np.testing.assert_array_equal(after.prediction.points, points)


def test_trials_of_one_fold_share_one_file_of_rows(tmp_path):
    held = drawn(2_000, FIVE, spread=0.2, noise=0.5)
    for name in ("one", "two"):
        write_predictions(tmp_path / f"{name}.parquet", {"test": held}, FIVE)
    (rows,) = tmp_path.glob("rows-*.parquet")
    found = read_predictions(tmp_path / "two.parquet", FIVE)["test"]
    assert (found.user == held.user).all()
    assert (found.item == held.item).all()
    assert (found.level == held.level).all()
    rows.write_bytes(rows.read_bytes()[:-1])
    with pytest.raises(ValueError, match="do not match their SHA-256"):
        read_predictions(tmp_path / "two.parquet", FIVE)
