"""Ratings are checked when made, small, and proved by a fingerprint."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfce.errors import UserError
from cfce.ratings import Ratings
from cfce.scale import RatingScale

ids = st.one_of(st.integers(-5, 5), st.text(max_size=3), st.tuples(st.integers(0, 2), st.integers(0, 2)))
rows = st.lists(st.tuples(ids, ids, st.sampled_from([1, 2, 3])), min_size=1, max_size=40)
SCALE = RatingScale((1, 2, 3))


@pytest.fixture
def ratings():
    return Ratings.from_columns(["u", "v", "u"], [7, 7, 9], [1, 2, 2])


@given(rows)
def test_every_row_can_be_read_back_whatever_the_type_of_its_ids(rows):
    made = Ratings.from_columns(*zip(*rows, strict=True), scale=SCALE)
    user, item = made.user_ids[made.user - 1].tolist(), made.item_ids[made.item - 1].tolist()
    assert list(zip(user, item, (made.level + 1).tolist(), strict=True)) == rows


@given(rows)
def test_repeated_pairs_are_the_rows_whose_pair_came_before(rows):
    pairs = [(user, item) for user, item, _ in rows]
    made = Ratings.from_columns(*zip(*rows, strict=True), scale=SCALE)
    assert made.n_repeated_pairs == len(pairs) - len(set(pairs))


def test_codes_follow_the_order_of_the_ids_not_of_the_rows(ratings):
    assert ratings.user_ids.tolist() == ["u", "v"]
    assert ratings.item.tolist() == [1, 1, 2]
    assert (ratings.n_users, ratings.n_items) == (3, 3)  # two of each, and the unknown row


def test_whole_ids_that_were_stored_as_floats_are_ints():
    """Else an id would be 29.0 here and 29 in a file that a reader of the exported rows writes."""
    made = Ratings.from_columns([29.0, 7.0], [1.5, 2.0], [1, 2])
    assert made.user_ids.tolist() == [7, 29]
    assert made.user_ids.dtype == np.int64
    assert made.item_ids.tolist() == [1.5, 2.0]


def test_timestamps_and_labels_change_no_fingerprint(ratings):
    timed = Ratings.from_columns(["u", "v", "u"], [7, 7, 9], [1, 2, 2], timestamp=[30, 10, 20])
    assert timed.timestamp.tolist() == [30, 10, 20]
    assert timed.timestamp.nbytes == 8 * 3
    labelled = replace(timed, labels={"part": np.array([0, 1, 2], np.uint8)})
    assert timed.fingerprint == labelled.fingerprint == ratings.fingerprint


def test_float32_ratings_are_the_decimals_that_they_stand_for():
    made = Ratings.from_columns([1, 2, 3], [1, 2, 3], np.array([0.1, 0.2, 0.3], dtype=np.float32))
    assert made.scale.values == (0.1, 0.2, 0.3)


def test_a_number_and_its_text_are_two_ids():
    assert len(Ratings.from_columns([1, "1"], ["a", "a"], [1, 2]).user_ids) == 2


def test_a_data_frame_gives_what_lists_give(ratings):
    frame = pd.DataFrame({"user": ["u", "v", "u"], "item": [7, 7, 9], "rating": [1, 2, 2]})
    assert Ratings.from_columns(frame.user, frame.item, frame.rating).fingerprint == ratings.fingerprint


@pytest.mark.parametrize(
    ("user", "item", "rating", "what"),
    [
        (["u", None], [1, 2], [1, 2], "user in row 1"),
        (["u", "v"], [float("nan"), 2], [1, 2], "item in row 0"),
        (["u", "v"], [1, 2], [1, float("nan")], "rating in row 1"),
    ],
)
def test_a_missing_value_is_named(user, item, rating, what):
    with pytest.raises(UserError, match=f"the {what} is missing; every rating needs a user, an item and a rating"):
        Ratings.from_columns(user, item, rating)


def test_a_rating_that_is_no_number_or_not_on_the_scale_is_refused():
    with pytest.raises(UserError, match="ratings are numbers"):
        Ratings.from_columns(["u"], ["i"], ["good"])
    with pytest.raises(UserError, match="rating 4 in row 1 is not on the scale; allowed: 1, 2, 3"):
        Ratings.from_columns(["u", "u"], ["i", "j"], [3, 4], SCALE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"level": np.zeros(2, np.uint8)}, "one row a rating, but came with 3, 3 and 2 rows"),
        ({"user": np.array([0, 1, 1], np.int32)}, "user codes are int32 from 1 to 2"),
        ({"item": np.array([1, 2, 3], np.int32)}, "item codes are int32 from 1 to 2"),
        ({"item": np.array([1, 2, 2], np.int64)}, "item codes are int32 from 1 to 2"),
        ({"level": np.array([0, 1, 2], np.uint8)}, "levels are uint8 from 0 to 1"),
        ({"level": np.array([0, 1, 1], np.int64)}, "levels are uint8 from 0 to 1"),
        ({"timestamp": np.zeros(2, np.int64)}, "timestamps are int64, one a rating, but came as 2 int64"),
        ({"timestamp": np.zeros(3)}, "timestamps are int64, one a rating, but came as 3 float64"),
        ({"labels": {"part": np.zeros(3)}}, "the labels 'part' are uint8, one a rating, but came as 3 float64"),
        ({"user_ids": np.array(["u", "u"])}, "a user id comes twice"),
    ],
)
def test_columns_that_do_not_fit_are_refused(ratings, change, message):
    with pytest.raises(UserError, match=message):
        replace(ratings, **change)


def test_no_ratings_are_refused():
    with pytest.raises(UserError, match="no ratings came"):
        Ratings.from_columns([], [], [], SCALE)


@pytest.mark.parametrize(
    "change",
    [
        {"user": np.array([1, 1, 2], np.int32)},
        {"item": np.array([2, 1, 1], np.int32)},
        {"level": np.array([0, 1, 0], np.uint8)},
        {"user_ids": np.array(["u", "w"])},
        {"item_ids": np.array([7, 8])},
        {"scale": RatingScale((1, 3))},
    ],
)
def test_the_fingerprint_changes_with_the_data(ratings, change):
    assert replace(ratings, **change).fingerprint != ratings.fingerprint


def test_the_fingerprint_does_not_change_with_the_name(ratings):
    assert replace(ratings, name="other").fingerprint == ratings.fingerprint
    assert len(ratings.fingerprint) == 64


def test_ratings_take_at_most_16_bytes_each_beside_the_vocabularies():
    n = 200_000
    rng = np.random.default_rng(0)
    user, item, rating = rng.integers(1, 100, n), rng.integers(1, 100, n), rng.integers(1, 6, n)
    Ratings.from_columns(user[:10], item[:10], rating[:10])  # pandas is imported before memory is counted
    tracemalloc.start()
    try:
        made = Ratings.from_columns(user, item, rating)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert made.user.nbytes + made.item.nbytes + made.level.nbytes == 9 * n
    assert held <= 16 * n
