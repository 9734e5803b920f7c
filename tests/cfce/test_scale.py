"""The rating scale: levels, ranges and rounding, by arithmetic that a reader can redo."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfce.errors import UserError
from cfce.scale import RatingScale

HALVES = RatingScale(tuple(np.arange(1, 11) / 2))

scales = st.lists(
    st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3)), min_size=2, max_size=30, unique=True
).map(lambda values: RatingScale(tuple(sorted(values))))


@given(scales, st.data())
def test_a_level_and_its_value_lead_to_each_other(scale, data):
    levels = data.draw(st.lists(st.integers(0, scale.n_levels - 1), min_size=1, max_size=50))
    values = np.asarray(scale.values)[levels]
    assert scale.levels_of(values).tolist() == levels
    assert scale.nearest(values).tolist() == levels


@given(scales, st.lists(st.floats(-2e6, 2e6, allow_nan=False), min_size=1, max_size=20))
def test_the_nearest_level_has_no_nearer_neighbour(scale, points):
    values = np.asarray(scale.values)
    for point, level in zip(points, scale.nearest(points).tolist(), strict=True):
        distances = np.abs(values - point)
        assert distances[level] == pytest.approx(distances.min(), rel=1e-9, abs=1e-9)


def test_a_point_halfway_goes_up_and_points_outside_are_clipped():
    assert RatingScale((1, 2, 3)).nearest([1.5, 2.5, -7, 70]).tolist() == [1, 2, 0, 2]


@pytest.mark.parametrize(
    ("values", "y_range", "span"),
    [
        ((1, 2, 3, 4, 5), (0.0, 5.5), 4.0),
        (HALVES.values, (0.0, 5.25), 4.5),
        ((0, 1), (-1.0, 1.5), 1.0),
        ((10, 20, 40), (0.0, 50.0), 30.0),
    ],
)
def test_the_range_is_the_lowest_minus_a_step_to_the_highest_plus_half_a_step(values, y_range, span):
    scale = RatingScale(values)
    assert scale.y_range == y_range
    assert scale.span == span


def test_labels_are_as_in_column_names():
    assert [HALVES.label(level) for level in (0, 1, 9)] == ["0.5", "1", "5"]


@pytest.mark.parametrize("rating", [0, 6, 2.5, float("nan"), float("inf"), -1])
def test_a_rating_off_the_scale_is_named_with_its_row(rating):
    with pytest.raises(UserError, match=rf"rating {rating:g} in row 2 is not on the scale; allowed: 1, 2, 3, 4, 5"):
        RatingScale((1, 2, 3, 4, 5)).levels_of([1, 5, rating, 3])


@pytest.mark.parametrize("values", [(2, 1), (1, 1), (1, float("nan")), (1, float("inf"))])
def test_values_that_do_not_increase_are_refused(values):
    with pytest.raises(UserError, match="finite and increase"):
        RatingScale(values)


@pytest.mark.parametrize("values", [(), (3,), tuple(range(257))])
def test_a_scale_has_2_to_256_values(values):
    with pytest.raises(UserError, match=rf"2 to 256 values, not {len(values)}"):
        RatingScale(values)


def test_equal_values_make_equal_scales():
    assert RatingScale((1, 2)) == RatingScale((1.0, 2.0))
    assert RatingScale.of([3, 1, 1, 2]) == RatingScale((1, 2, 3))
