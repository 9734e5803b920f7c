"""The rating scale: levels, ranges and rounding, by arithmetic that a reader can redo."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfce.errors import UserError
from cfce.scale import RatingScale, distinct_ratings, exact

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


@given(scales)
def test_a_label_is_exact_and_no_two_levels_share_one(scale):
    labels = [scale.label(level) for level in range(scale.n_levels)]
    assert [float(label) for label in labels] == list(scale.values)
    assert len(set(labels)) == scale.n_levels


def test_large_ratings_have_labels_of_all_their_digits():
    """``:g`` keeps six digits, and would call all three 1e+06."""
    scale = RatingScale((1_000_000, 1_000_001, 1_000_002))
    assert [scale.label(level) for level in range(3)] == ["1000000", "1000001", "1000002"]
    assert exact(1e22) == "1e+22"


@given(scales, st.data())
def test_ratings_that_were_stored_as_float32_find_their_level(scale, data):
    """1,000.001 and 1,000.00101 would be one float32, so scales that float32 cannot tell apart stay exact."""
    levels = data.draw(st.lists(st.integers(0, scale.n_levels - 1), min_size=1, max_size=20))
    narrow = np.asarray(scale.values)[levels].astype(np.float32)
    if len(set(scale.array.tolist())) == scale.n_levels:
        assert scale.levels_of(narrow).tolist() == levels


def test_tenths_are_on_their_scale_however_they_were_computed():
    scale = RatingScale((0.1, 0.2, 0.3))
    assert scale.levels_of([0.1, 0.1 + 0.2, 0.3]).tolist() == [0, 2, 2]
    assert scale.levels_of(np.array([0.1, 0.2, 0.3], dtype=np.float32)).tolist() == [0, 1, 2]
    with pytest.raises(UserError, match=r"rating 0\.1001 in row 0 is not on the scale; allowed: 0\.1, 0\.2, 0\.3"):
        scale.levels_of([0.1001])


def test_two_values_that_are_one_float32_are_compared_exactly():
    scale = RatingScale((1.0, 1.0 + 1e-9))
    assert scale.levels_of([1.0, 1.0 + 1e-9]).tolist() == [0, 1]
    with pytest.raises(UserError, match="is not on the scale"):
        scale.levels_of([1.0 + 3e-9])


def test_the_distinct_ratings_of_float32_are_the_decimals_that_were_written():
    assert distinct_ratings(np.array([0.3, 0.1, 0.3], dtype=np.float32)).tolist() == [0.1, 0.3]
    assert distinct_ratings([0.7, 0.1 + 0.7, 0.8, 0.1]).tolist() == [0.1, 0.7, 0.8]  # 0.1 + 0.7 is 0.7999999999999999


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,2, 5", (1, 2, 5)),
        ("0.5:2:0.5", (0.5, 1, 1.5, 2)),
        ("0.1:0.4:0.1", (0.1, 0.2, 0.3, 0.4)),
        ("-2:2", (-2, -1, 0, 1, 2)),
        ("1:100", tuple(range(1, 101))),
    ],
)
def test_a_scale_is_written_as_its_values_or_as_a_range(text, values):
    assert RatingScale.parse(text).values == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,two", "'two' in the scale '1,two' is not a number"),
        ("1:nan", "'nan' in the scale '1:nan' is not a finite number"),
        ("5:1", "does not go from its lowest to its highest in whole steps"),
        ("1:5:0", "does not go from its lowest to its highest in whole steps"),
        ("1:5:0.3", "does not go from its lowest to its highest in whole steps"),
        ("1:2:3:4", "has 4 numbers; a range is lowest:highest or lowest:highest:step"),
        ("0:1000", r"has 1001 values; a rating scale has at most 256: bin them \(--levels 10\)"),
        ("", "2 to 256 values, not 0"),
    ],
)
def test_a_text_that_is_no_scale_is_refused(text, message):
    with pytest.raises(UserError, match=message):
        RatingScale.parse(text)


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
