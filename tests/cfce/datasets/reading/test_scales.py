"""The scale of a file without one: what is inferred is told with its counts and likely gaps, and continuous ratings binned."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cfce.datasets.reading.options import Levels
from cfce.datasets.reading.scales import likely_gap, scale_notes
from cfce.errors import UserError
from cfce.scale import RatingScale


def table(ratings) -> str:
    return "user,item,rating\n" + "".join(f"u{row % 7},i{row},{rating}\n" for row, rating in enumerate(ratings))


def test_ratings_of_two_to_five_say_their_counts_and_that_one_never_occurs(write, read_said):
    ratings, said = read_said(write("r.csv", table([2, 3, 3, 4, 5, 5, 5])))
    assert ratings.scale.values == (2, 3, 4, 5)
    assert said[2] == (
        "scale inferred from the ratings: 2 (1), 3 (2), 4 (1), 5 (3); 1 never occurs: if it can be given, pass --scale 1:5"
    )


@pytest.mark.parametrize(
    ("values", "gap", "scale"),
    [
        ((1, 2, 3, 4, 5), [], ""),
        ((0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4), [], ""),  # FilmTrust
        ((1, 1.5, 2), [0.5], "0.5:2:0.5"),
        ((3, 4, 5), [1, 2], "1:5"),
        ((1, 2, 3, 4), [5], "1:5"),
        ((2, 3, 4), [1, 5], "1:5"),
        ((0, 1), [], ""),
        ((-5, -4, -3), [], ""),
        ((10, 20, 30), [], ""),
        ((1_000_000, 1_000_001, 1_000_002), [], ""),
        (tuple(range(1, 100)), [100], "1:100"),
    ],
)
def test_a_likely_gap_is_pointed_out_where_scales_usually_begin_and_end(values, gap, scale):
    assert likely_gap(RatingScale(values)) == (gap, scale)
    if gap:
        assert RatingScale.parse(scale).values == (
            *[v for v in gap if v < values[0]],
            *values,
            *[v for v in gap if v > values[-1]],
        )


def test_many_levels_are_told_in_a_line():
    line = scale_notes(RatingScale(tuple(range(101))), Counter({float(value): 1 for value in range(101)}))[0]
    assert line == "scale inferred from the ratings: 0 (1), 1 (1), 2 (1), … 95 more …, 98 (1), 99 (1), 100 (1)"


def test_tenths_are_a_scale_of_three_values(write, read):
    """Step by step 0.1 + 0.1 + 0.1 is not 0.3; the scale has the decimals."""
    made = read(write("r.csv", table([0.1, 0.2, 0.3, 0.1 + 0.2])))
    assert made.scale.values == (0.1, 0.2, 0.3)
    assert made.level.tolist() == [0, 1, 2, 2]


def test_large_ratings_keep_all_their_digits(write, read):
    made = read(write("r.csv", table([1000000, 1000001, 1000002])))
    assert [made.scale.label(level) for level in range(3)] == ["1000000", "1000001", "1000002"]


@pytest.mark.parametrize("by", ["width", "quantile"])
@given(st.lists(st.floats(-10, 10).map(lambda value: round(value, 2)), min_size=2, max_size=60), st.integers(2, 12))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_binned_ratings_keep_their_order_and_every_rating_has_a_level(write, read, by, ratings, n):
    """Of two ratings the higher never has the lower level, and there are at most as many levels as were asked for."""
    if len(set(ratings)) < 2:
        return
    try:
        made = read(write("r.csv", table(ratings)), levels=Levels(n, by))
    except UserError as error:
        assert "not 1" in str(error)  # noqa: PT017 - nearly all ratings are one: one bin is no scale
        return
    assert made.scale.n_levels <= n
    order = np.argsort(ratings, kind="stable")
    assert (np.diff(made.level[order].astype(int)) >= 0).all()


def test_bins_of_equal_width_stand_for_their_middle(write, read_said):
    """0 to 10 in five bins: borders at 2, 4, 6, 8; a rating on a border belongs to the bin above."""
    ratings, said = read_said(write("r.csv", table([0, 1.9, 2, 5, 7.9, 8, 10])), levels=Levels(5))
    assert ratings.scale.values == (1, 3, 5, 7, 9)
    assert ratings.level.tolist() == [0, 0, 1, 2, 3, 4, 4]
    assert said[2] == "ratings from 0 to 10 binned into 5 levels of equal width, each called by its middle: 1, 3, 5, 7, 9"


def test_bins_by_quantiles_hold_equally_many_and_stand_for_their_mean(write, read_said):
    """Of 0, 1, …, 7 in four bins, the means are 0.5, 2.5, 4.5 and 6.5."""
    ratings, said = read_said(write("r.csv", table(range(8))), levels=Levels(4, "quantile"))
    assert ratings.level.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert ratings.scale.values == (0.5, 2.5, 4.5, 6.5)
    assert "4 levels of equally many ratings, each called by their mean: 0.5, 2.5, 4.5, 6.5" in said[2]


def test_one_rating_alone_cannot_be_binned(write, read):
    with pytest.raises(UserError, match="has one distinct rating, 3; there is nothing to bin"):
        read(write("r.csv", table([3, 3])), levels=Levels(4))
