"""What each protocol promises of its parts, and the reason why one refuses."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfce.errors import UserError
from cfce.protocols import PROTOCOLS
from cfce.ratings import Ratings
from cfce.splits import split_ratings


def make(user, time=None, item=None) -> Ratings:
    n = len(user)
    return Ratings.from_columns(user, np.arange(n) if item is None else item, np.resize([1, 2], n), timestamp=time)


def times_of(fold, part: str) -> np.ndarray:
    return fold.ratings.timestamp[fold.rows(part)]


times = st.lists(st.integers(0, 40), min_size=20, max_size=80).filter(lambda found: len(set(found)) > 1)


@given(times)
def test_under_temporal_nothing_in_a_part_is_later_than_anything_in_the_next(time):
    fold = split_ratings(make([1] * len(time), time), "temporal-80-10-10", 0)
    assert times_of(fold, "train").max() <= times_of(fold, "valid").min()
    assert times_of(fold, "valid").max() <= times_of(fold, "test").min()
    assert len(fold.train_rows) == int(0.8 * len(time))


def test_leave_last_1_takes_the_last_rating_of_each_user_and_the_one_before_it():
    """User 1 rates at 30, 10, 20 (rows 0, 2, 3) and user 2 at 5, 6, 7 (rows 4, 1, 5); user 3 has two ratings and only trains."""
    fold = split_ratings(make([1, 2, 1, 1, 2, 2, 3, 3], [30, 6, 10, 20, 5, 7, 1, 2]), "leave-last-1", 0)
    assert sorted(fold.test_rows.tolist()) == [0, 5]
    assert sorted(fold.valid_rows.tolist()) == [1, 3]
    assert sorted(fold.train_rows.tolist()) == [2, 4, 6, 7]


@pytest.mark.parametrize("n", [1, 5])
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 9)), min_size=60, max_size=120))
def test_leave_last_holds_out_n_ratings_of_every_user_who_has_more_than_twice_as_many(n, rows):
    user, time = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    if time.min() == time.max():
        return
    ratings = make(user, time)
    fold = split_ratings(ratings, f"leave-last-{n}", 0)
    for one in set(user.tolist()):
        mine = {part: fold.rows(part)[user[fold.rows(part)] == one] for part in ("train", "valid", "test")}
        enough = (user == one).sum() > 2 * n
        assert [len(mine["valid"]), len(mine["test"])] == [n * enough, n * enough]
        if enough:
            assert time[mine["train"]].max() <= time[mine["valid"]].min() <= time[mine["valid"]].max() <= time[mine["test"]].min()


def test_ratings_of_one_second_are_left_out_at_random_and_not_by_their_place_in_the_file():
    """100 users rate items 1 to 9 in that order, each all nine in one second: by the file's order, item 9 were all of test."""
    user, item = np.repeat(np.arange(100), 9), np.tile(np.arange(1, 10), 100)
    fold = split_ratings(make(user, user, item), "leave-last-1", 0)
    assert (np.bincount(fold.test.item, minlength=10)[1:] > 0).all()


@pytest.mark.parametrize("what", ["user", "item"])
@given(st.integers(0, 1000))
def test_under_cold_protocols_no_held_out_user_or_item_is_in_another_part(what, split):
    rng = np.random.default_rng(0)
    ratings = make(rng.integers(0, 40, 300), item=rng.integers(0, 40, 300))
    fold = split_ratings(ratings, f"cold-{what}s", split)
    codes = [set(getattr(ratings, what)[fold.rows(part)].tolist()) for part in ("train", "valid", "test")]
    assert [len(part) for part in codes] == [32, 4, 4]
    assert len(codes[0] | codes[1] | codes[2]) == 40
    assert (getattr(fold.test, what) == 0).all()


@pytest.mark.parametrize("k", [5, 10])
def test_kfold_tests_each_rating_once_and_chooses_on_the_next_block(k):
    ratings = make(np.arange(103) % 7)
    folds = [split_ratings(ratings, f"kfold-{k}", number) for number in range(k)]
    assert sorted(np.concatenate([fold.test_rows for fold in folds]).tolist()) == list(range(103))
    for fold, following in zip(folds, [*folds[1:], folds[0]], strict=True):
        assert np.array_equal(fold.valid_rows, following.test_rows)
        assert len(fold.test_rows) in (103 // k, 103 // k + 1)


def test_the_splits_of_the_archive_hold_out_the_rows_of_their_test_files():
    ratings = replace(make([1, 1, 2, 2, 3]), labels={"u": np.array([5, 1, 1, 2, 3], dtype=np.uint8)})
    fold = split_ratings(ratings, "ml-100k-u1..u5", 0)
    assert fold.valid_rows.tolist() == [1, 2]
    assert fold.train_rows.tolist() == [0, 3, 4]
    assert fold.held_out == ("valid",)
    assert split_ratings(ratings, "ml-100k-u1..u5", 4).valid_rows.tolist() == [0]


@pytest.mark.parametrize(
    ("part", "train", "valid", "test"),
    [
        ([0, 1, 2, 0], [0, 3], [1], [2]),
        ([0, 2, 2, 0], [0, 3], [1, 2], []),  # what is held out is what is reported, whatever it is called
        ([0, 1, 1, 0], [0, 3], [1, 2], []),
    ],
)
def test_given_takes_the_parts_of_the_data(part, train, valid, test):
    fold = split_ratings(replace(make([1, 1, 2, 2]), labels={"part": np.array(part, dtype=np.uint8)}), "given", 0)
    assert (fold.train_rows.tolist(), fold.valid_rows.tolist(), fold.test_rows.tolist()) == (train, valid, test)


@pytest.mark.parametrize(
    ("protocol", "ratings", "reason"),
    [
        ("temporal-80-10-10", make([1] * 20), "splits by time, but 'ratings' has no timestamps; name their column"),
        ("leave-last-1", make([1] * 20), "splits by time, but 'ratings' has no timestamps"),
        ("leave-last-1", make([1] * 20, [7] * 20), "every rating of 'ratings' has the same timestamp"),
        ("leave-last-5", make([1] * 10, range(10)), "no user of 'ratings' has more than 10 ratings"),
        ("temporal-80-10-10", make([1, 1], [1, 2]), "2 ratings are too few"),
        ("kfold-10", make([1] * 9), "9 ratings are too few for the protocol 'kfold-10'; at least 10 are needed"),
        ("cold-users", make([1, 2, 3] * 10), "3 users are too few for the protocol 'cold-users'"),
        ("given", make([1] * 20), "a column part with train, valid and test"),
        ("given", replace(make([1, 1]), labels={"part": np.zeros(2, np.uint8)}), "has no train or nothing held out"),
        ("ml-100k-u1..u5", make([1] * 20), r"files u1\.test to u5\.test, which 'ratings' has not; pass the archive of GroupLens"),
    ],
)
def test_what_cannot_be_split_is_refused_with_the_reason(protocol, ratings, reason):
    with pytest.raises(UserError, match=reason):
        split_ratings(ratings, protocol, 0)


def test_a_protocol_is_found_by_name():
    assert PROTOCOLS["kfold-5"].n_folds == 5
    with pytest.raises(UserError, match="unknown protocol 'kfold-6'"):
        PROTOCOLS["kfold-6"]
