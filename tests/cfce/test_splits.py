"""Folds: every row once, the same number the same rows, and what train has not seen is unknown."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfce.errors import UserError
from cfce.ratings import Ratings
from cfce.splits import PARTS, PROTOCOLS, split_ratings


def make(n: int, seed: int = 0) -> Ratings:
    rng = np.random.default_rng(seed)
    return Ratings.from_columns(rng.integers(0, 9, n), rng.integers(0, 30, n), np.resize([1, 2, 3], n))


protocols = st.sampled_from(sorted(PROTOCOLS))


@given(protocols, st.integers(10, 400), st.integers(0, 10_000))
def test_the_parts_are_disjoint_and_hold_every_row(protocol, n, split):
    fold = split_ratings(make(n), protocol, split)
    assert sorted(np.concatenate([fold.rows(part) for part in PARTS]).tolist()) == list(range(n))


@pytest.mark.parametrize(
    ("protocol", "n", "sizes"),
    [
        ("random-80-10-10", 100, (80, 10, 10)),
        ("random-80-10-10", 109, (87, 10, 12)),  # 87.2 and 10.9 rounded down, the rest is test
        ("random-80-20", 100, (80, 20, 0)),
        ("random-80-20", 109, (87, 22, 0)),
    ],
)
def test_the_parts_have_their_shares(protocol, n, sizes):
    fold = split_ratings(make(n), protocol, 0)
    assert tuple(len(fold.part(part)) for part in PARTS) == sizes
    assert fold.held_out == PARTS[1 : 1 + sum(size > 0 for size in sizes[1:])]


@given(protocols, st.integers(0, 1000))
def test_the_same_number_gives_the_same_rows_and_another_gives_others(protocol, split):
    ratings = make(200)
    one, same, other = (split_ratings(ratings, protocol, number) for number in (split, split, split + 1))
    for part in PARTS:
        assert np.array_equal(one.rows(part), same.rows(part))
    assert not np.array_equal(one.train_rows, other.train_rows)


def test_the_rows_depend_on_how_many_ratings_there_are_and_not_on_what_they_are():
    assert np.array_equal(
        split_ratings(make(50, 0), "random-80-20", 3).train_rows, split_ratings(make(50, 1), "random-80-20", 3).train_rows
    )


def test_the_rows_of_a_split_stay_what_they_were():
    """A stored study names its folds by number alone, so these may never change."""
    assert split_ratings(make(10), "random-80-10-10", 0).train_rows.tolist() == TRAIN_ROWS_0
    assert split_ratings(make(10), "random-80-10-10", 1).train_rows.tolist() == TRAIN_ROWS_1


TRAIN_ROWS_0 = [2, 8, 0, 4, 1, 6, 5, 7]
TRAIN_ROWS_1 = [4, 3, 2, 7, 6, 9, 1, 5]


@given(protocols, st.integers(10, 120), st.integers(0, 100))
def test_held_out_codes_are_unknown_exactly_where_train_lacks_the_id(protocol, n, split):
    ratings = make(n)
    fold = split_ratings(ratings, protocol, split)
    for name in fold.held_out:
        part, rows = fold.part(name), fold.rows(name)
        for codes, whole in ((part.user, ratings.user), (part.item, ratings.item)):
            seen = set(whole[fold.train_rows].tolist())
            assert codes.tolist() == [code if code in seen else 0 for code in whole[rows].tolist()]
        assert part.level.tolist() == ratings.level[rows].tolist()
        assert fold.unknown_counts(name) == ((part.user == 0).sum(), (part.item == 0).sum())


def test_train_has_no_unknown_codes():
    fold = split_ratings(make(60), "random-80-10-10", 0)
    assert fold.unknown_counts("train") == (0, 0)


def test_an_item_that_only_valid_has_is_counted():
    n = 100
    ratings = Ratings.from_columns(np.zeros(n), np.arange(n), np.resize([1, 2], n))  # every item once
    assert split_ratings(ratings, "random-80-20", 0).unknown_counts("valid") == (0, 20)


def test_an_unknown_protocol_is_refused_with_the_near_one():
    with pytest.raises(
        UserError, match=r"unknown protocol 'random-80-21' \(did you mean 'random-80-20'\?\); allowed: random-80-10-10, "
    ):
        split_ratings(make(100), "random-80-21", 0)


def test_too_few_ratings_are_refused():
    with pytest.raises(UserError, match="4 ratings are too few for the protocol 'random-80-10-10'; at least 10 are needed"):
        split_ratings(make(4), "random-80-10-10", 0)


def test_a_fold_needs_16_bytes_a_rating_and_no_more():
    fold = split_ratings(make(5000), "random-80-10-10", 0)
    held = sum(fold.rows(part).nbytes for part in PARTS)
    held += sum(column.nbytes for part in PARTS for column in (fold.part(part).user, fold.part(part).item, fold.part(part).level))
    assert held <= 16 * 5000
