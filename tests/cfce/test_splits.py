"""Folds: every row once, the same number the same rows, and what train has not seen is unknown."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfce.errors import UserError
from cfce.protocols import PROTOCOLS
from cfce.ratings import Ratings
from cfce.splits import PARTS, split_ratings


def make(n: int, seed: int = 0) -> Ratings:
    """Ratings with all that any protocol asks for; each of 12 users and 30 items is there from 60 ratings on."""
    rng = np.random.default_rng(seed)
    made = Ratings.from_columns(
        np.arange(n) % 12, (np.arange(n) * 7) % 30, np.resize([1, 2, 3], n), timestamp=rng.integers(0, max(n // 3, 2), n)
    )
    labels = {"u": np.resize([1, 2, 3, 4, 5], n).astype(np.uint8), "part": np.resize([0, 0, 1, 2], n).astype(np.uint8)}
    return replace(made, labels=labels)


@st.composite
def folds(draw):
    """A protocol's name and the number of one of its folds."""
    name = draw(st.sampled_from(sorted(PROTOCOLS)))
    return name, draw(st.integers(0, (PROTOCOLS[name].n_folds or 10_000) - 1))


@given(folds(), st.integers(160, 400))
def test_the_parts_are_disjoint_and_hold_every_row(fold, n):
    protocol, split = fold
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


@given(folds())
def test_the_same_number_gives_the_same_rows_and_another_gives_others(fold):
    protocol, split = fold
    ratings = make(200)
    one, same = split_ratings(ratings, protocol, split), split_ratings(ratings, protocol, split)
    for part in PARTS:
        assert np.array_equal(one.rows(part), same.rows(part))
    others = [number for number in range(10) if number != split and number < (PROTOCOLS[protocol].n_folds or 10)]
    same_train = [np.array_equal(one.train_rows, split_ratings(ratings, protocol, other).train_rows) for other in others]
    assert not any(same_train) if protocol in ("random-80-20", "kfold-5") else not same_train or not all(same_train)


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
def test_a_fold_that_a_protocol_does_not_have_is_refused(protocol):
    n_folds = PROTOCOLS[protocol].n_folds
    with pytest.raises(UserError, match=rf"fold -1 came, but the protocol '{protocol}' has "):
        split_ratings(make(200), protocol, -1)
    if n_folds is not None:
        with pytest.raises(
            UserError, match=rf"fold {n_folds} came, but the protocol '{protocol}' has the folds 0 to {n_folds - 1}"
        ):
            split_ratings(make(200), protocol, n_folds)


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=list(PROTOCOLS))
def test_a_protocol_says_in_a_line_what_it_is_for_and_what_a_verdict_means(protocol):
    for line in (protocol.description, protocol.claim):
        assert line
        assert "\n" not in line
        assert len(line) < 130


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


@given(folds(), st.integers(160, 220))
def test_held_out_codes_are_unknown_exactly_where_train_lacks_the_id(fold, n):
    protocol, split = fold
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
        UserError, match=r"unknown protocol 'random-80-21' \(did you mean 'random-80-20'\?\); allowed: cold-items, "
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
