"""What every registered protocol owes; a new one is tested by being registered. Their own promises have tests of their own."""

from dataclasses import replace

import numpy as np
import pytest

from cfce.errors import UserError
from cfce.protocols import PROTOCOLS
from cfce.ratings import Ratings
from cfce.scale import RatingScale
from cfce.seeds import stream
from cfce.splits import split_ratings

N = 600


@pytest.fixture(scope="module")
def ratings() -> Ratings:
    """600 ratings by 30 users, 20 each, with everything that a source can say of its rows."""
    rng = np.random.default_rng(0)
    user, item = np.repeat(np.arange(30), 20), rng.integers(0, 40, N)
    plain = Ratings.from_columns(user, item, rng.integers(1, 6, N), timestamp=rng.integers(0, 10**9, N))
    labels = {"u": np.resize([1, 2, 3, 4, 5], N).astype(np.uint8), "part": np.resize([0, 0, 0, 1, 2], N).astype(np.uint8)}
    return replace(plain, labels=labels)


def folds_of(name: str) -> list[int]:
    """The first fold, the second where there is one, and the last or a late one."""
    n = PROTOCOLS[name].n_folds
    return sorted({0, 1, 40} if n is None else {0, min(1, n - 1), n - 1})


CASES = [(name, fold) for name in PROTOCOLS for fold in folds_of(name)]


@pytest.mark.parametrize("name", PROTOCOLS)
def test_it_says_in_a_line_each_what_it_is_for_and_what_a_verdict_on_it_means(name):
    protocol = PROTOCOLS[name]
    assert protocol.name == name
    for text in (protocol.description, protocol.claim):
        assert len(text) > 20
        assert "\n" not in text
    assert protocol.n_folds is None or protocol.n_folds >= 1


@pytest.mark.parametrize(("name", "fold"), CASES)
def test_no_row_is_in_two_parts_and_both_train_and_what_is_held_out_have_rows(name, fold, ratings):
    found = split_ratings(ratings, name, fold)
    parts = (found.train_rows, found.valid_rows, found.test_rows)
    assert {rows.dtype for rows in parts} == {np.dtype(np.int32)}
    together = np.concatenate(parts)
    assert len(np.unique(together)) == len(together)
    assert together.min() >= 0
    assert together.max() < N
    assert len(found.train_rows) > len(found.valid_rows) > 0
    assert found.held_out[0] == "valid"


@pytest.mark.parametrize(("name", "fold"), CASES)
def test_every_rating_is_in_a_part(name, fold, ratings):
    found = split_ratings(ratings, name, fold)
    assert len(found.train_rows) + len(found.valid_rows) + len(found.test_rows) == N


@pytest.mark.parametrize(("name", "fold"), CASES)
def test_the_same_fold_has_the_same_rows_and_the_ratings_are_as_they_were(name, fold, ratings):
    before = ratings.fingerprint
    one, other = split_ratings(ratings, name, fold), split_ratings(ratings, name, fold)
    for part in ("train", "valid", "test"):
        np.testing.assert_array_equal(one.rows(part), other.rows(part))
    vars(ratings).pop("fingerprint")
    assert ratings.fingerprint == before


@pytest.mark.parametrize("name", [name for name, protocol in PROTOCOLS.items() if protocol.n_folds != 1])
def test_another_fold_holds_out_other_rows(name, ratings):
    first, *others = (set(split_ratings(ratings, name, fold).valid_rows.tolist()) for fold in folds_of(name))
    assert all(other != first for other in others)


@pytest.mark.parametrize("name", [name for name, protocol in PROTOCOLS.items() if protocol.n_folds != 1])
def test_randomness_comes_from_the_generator_that_is_passed_in_alone(name, ratings):
    """The global generator is at another place each time, and is left there."""
    protocol = PROTOCOLS[name]
    np.random.seed(1)  # noqa: NPY002 - the very state that must not matter
    one = protocol.split(ratings, 0, stream(5, "split"))
    np.random.seed(2)  # noqa: NPY002
    state = np.random.get_state()[1].tolist()  # noqa: NPY002
    other = protocol.split(ratings, 0, stream(5, "split"))
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002
    for rows, same in zip(one, other, strict=True):
        np.testing.assert_array_equal(rows, same)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_fold_that_it_does_not_have_is_refused_in_a_sentence(name, ratings):
    with pytest.raises(UserError, match=f"fold -1 came, but the protocol '{name}' has"):
        split_ratings(ratings, name, -1)
    n = PROTOCOLS[name].n_folds
    if n is not None:
        with pytest.raises(UserError, match=f"fold {n} came, but the protocol '{name}' has the folds 0 to {n - 1}"):
            split_ratings(ratings, name, n)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_single_rating_is_refused_in_a_sentence(name):
    """Nothing can be split off one rating, and a source of one rating says nothing else of it."""
    with pytest.raises(UserError, match=r"\w+ .*; \w+"):
        split_ratings(Ratings.from_columns([1], [1], [3], scale=RatingScale((1, 2, 3, 4, 5))), name, 0)
