"""What is left out after reading: repeated pairs, and users and items with few ratings."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cfce.datasets.reading.filters import filtered
from cfce.datasets.reading.options import ReadingOptions
from cfce.errors import UserError
from cfce.ratings import Ratings
from cfce.scale import RatingScale

SCALE = RatingScale.parse("1:5")
rows = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 5)), min_size=1, max_size=60)


def made(rows, time=None) -> Ratings:
    return Ratings.from_columns(*zip(*rows, strict=True), scale=SCALE, timestamp=time)


def back(ratings):
    users, items = ratings.user_ids[ratings.user - 1].tolist(), ratings.item_ids[ratings.item - 1].tolist()
    return list(zip(users, items, (ratings.level + 1).tolist(), strict=True))


@given(rows)
def test_the_last_of_each_pair_is_kept_at_its_place(rows):
    left, _ = filtered(made(rows), ReadingOptions(duplicates="last"))
    last = {(user, item): place for place, (user, item, _) in enumerate(rows)}
    assert back(left) == [rows[place] for place in sorted(last.values())]
    assert left.n_repeated_pairs == 0


@given(rows)
def test_the_mean_of_each_pair_is_rounded_to_the_scale_half_up(rows):
    left, _ = filtered(made(rows), ReadingOptions(duplicates="mean"))
    ratings: dict = {}
    for user, item, rating in rows:
        ratings.setdefault((user, item), []).append(rating)
    expected = {pair: int(sum(all_) / len(all_) + 0.5) for pair, all_ in ratings.items()}
    assert {(user, item): rating for user, item, rating in back(left)} == expected


def test_the_last_is_the_latest_where_there_are_times():
    ratings = made([(1, 1, 5), (1, 1, 2), (1, 2, 3)], [30, 10, 20])
    left, notes = filtered(ratings, ReadingOptions(duplicates="last"))
    assert back(left) == [(1, 1, 5), (1, 2, 3)]
    assert left.timestamp.tolist() == [30, 20]
    assert notes == ("1 repeated pairs left out: the last of each is kept",)


@given(rows, st.integers(1, 4), st.integers(1, 4))
def test_every_user_and_item_that_is_left_has_enough_and_no_more_could_be_left(rows, least_user, least_item):
    """Against the definition: rows go one at a time, in any order, until none has too few."""
    expected = list(rows)
    while True:
        users, items = Counter(row[0] for row in expected), Counter(row[1] for row in expected)
        poor = [row for row in expected if users[row[0]] < least_user or items[row[1]] < least_item]
        if not poor:
            break
        expected.remove(poor[0])
    options = ReadingOptions(min_user_ratings=least_user, min_item_ratings=least_item)
    if expected:
        left, _ = filtered(made(rows), options)
        assert back(left) == expected
        assert len(set(left.user.tolist())) == len(left.user_ids)
    else:
        with pytest.raises(UserError, match=r"no rating of 'ratings' is left: .*ask for fewer \(--min-user-ratings"):
            filtered(made(rows), options)


@given(rows)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_is_filtered_as_its_rows_are(write, read, rows):
    options = {"duplicates": "last", "min_user_ratings": 2}
    path = write("r.csv", "user,item,rating\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))
    try:
        expected, _ = filtered(made(rows), ReadingOptions(**options))
    except UserError:
        with pytest.raises(UserError, match="no rating of 'r' is left"):
            read(path, scale=SCALE, **options)
    else:
        assert read(path, scale=SCALE, **options).fingerprint == expected.fingerprint


def test_what_was_left_out_is_said(write, read_said):
    _, said = read_said(write("r.csv", "user,item,rating\n1,1,1\n1,1,2\n2,2,2\n2,3,1\n"), duplicates="mean", min_user_ratings=2)
    assert said[-2:] == [
        "1 repeated pairs left out: the mean, rounded to the scale, of each is kept",
        "1 ratings left out: users have at least 2, items at least 1",
    ]
