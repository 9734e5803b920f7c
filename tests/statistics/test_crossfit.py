import numpy as np
import pytest

from bench.statistics.crossfit import cross_fit, independent
from cfce.errors import UserError


def _fit(valid, test, splits, seeds=None, higher=False):
    return cross_fit(np.asarray(valid), np.asarray(test), splits, seeds, np.random.default_rng(0), higher)


def test_a_fit_is_chosen_for_by_fits_that_share_neither_split_nor_seed():
    splits, seeds = np.repeat(np.arange(3), 2), np.tile(np.arange(2), 3)
    others = independent(splits, seeds)
    for fit in range(6):
        expected = (splits != splits[fit]) & (seeds != seeds[fit])
        assert others[fit].tolist() == expected.astype(float).tolist()


@pytest.mark.parametrize(
    ("splits", "seeds", "choose_for_the_first"),
    [
        ([0, 0, 1, 1], [0, 1, 2, 3], [2, 3]),  # nested: another split
        ([0, 0, 0], [0, 1, 2], [1, 2]),  # one split: another seed
        ([0, 1, 2], [0, 0, 0], [1, 2]),  # one shared seed: another split
        ([0], [0], [0]),  # alone
    ],
)
def test_who_chooses_in_other_designs(splits, seeds, choose_for_the_first):
    assert np.flatnonzero(independent(np.array(splits), np.array(seeds))[0]).tolist() == choose_for_the_first


def test_the_others_choose_by_their_mean_valid_score_and_the_test_score_is_of_that():
    valid = [[1.0, 2.0, 9.0], [3.0, 3.0, 3.0]]
    test = [[10.0, 20.0, 90.0], [30.0, 30.0, 30.0]]
    found = _fit(valid, test, np.arange(3))
    assert found.chosen.tolist() == [1, 1, 0]  # means of the others under the first: 5.5, 5, 1.5; under the second 3
    assert found.scores.tolist() == [30.0, 30.0, 90.0]
    assert found.overall == 1
    assert found.optimism == pytest.approx(50 - 30)
    assert _fit(valid, test, np.arange(3), higher=True).chosen.tolist() == [0, 0, 1]


def test_an_option_that_lost_more_fits_is_never_chosen():
    """The first option lost everything: neither a fit whose others are lost too, nor a draw of lost fits alone chooses it."""
    nan = np.nan
    found = _fit([[nan] * 3, [1.0, nan, nan]], [[nan] * 3, [1.0, nan, nan]], np.arange(3))
    assert found.chosen.tolist() == [1, 1, 1]
    assert found.scores[0] == 1.0
    valid = [[nan] * 5, [1.30, 1.31, 1.29, nan, nan]]
    found = _fit(valid, valid, np.zeros(5, dtype=int), np.arange(5))
    assert (found.candidates, found.shares.tolist(), found.variance) == ((1,), [0.0, 1.0], 0.0)


def _optimism(n_options, n_seeds, n):
    """The mean of n studies' score less the truth, 0 for every option: cross-fitted, and chosen by all; with its error."""
    rng = np.random.default_rng(1)
    splits = np.arange(n_seeds)
    found = []
    for _ in range(n):
        luck = rng.standard_normal((n_options, n_seeds))  # of a training: the same on valid and on test
        fit = _fit(luck, luck, splits)
        found.append((fit.scores.mean(), luck[fit.overall].mean()))
    return np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(n)


def test_a_cross_fitted_score_is_not_too_good_and_one_chosen_by_all_is():
    (cross, by_all), (error, _) = _optimism(4, 5, 1500)
    assert abs(cross) < 3 * error
    assert by_all < -0.4  # the least of four means of five: 1.03 / sqrt(5)


def test_the_choice_is_a_source_of_uncertainty_where_others_might_choose_otherwise():
    rng = np.random.default_rng(0)
    tied = rng.normal(0, 1, (2, 20))
    test = np.vstack([np.zeros(20), np.ones(20)])
    found = _fit(tied - tied.mean(axis=1, keepdims=True), test, np.zeros(20, dtype=int))
    assert found.shares == pytest.approx([0.5, 0.5], abs=0.1)
    assert found.variance == pytest.approx(0.25, abs=0.02)
    clear = _fit(tied + np.array([[0.0], [9.0]]), test, np.zeros(20, dtype=int))
    assert (clear.shares.tolist(), clear.variance) == ([1.0, 0.0], 0.0)


def test_an_option_that_lost_a_fit_is_left_out():
    valid = np.array([[0.1, np.nan, 0.1], [0.5, 0.5, 0.5]])
    found = _fit(valid, valid, np.arange(3))
    assert (found.candidates, found.left_out, found.chosen.tolist()) == ((1,), (0,), [1, 1, 1])


def test_a_fit_that_was_lost_under_every_option_stays_lost():
    valid = np.array([[0.1, np.nan, 0.1], [0.5, np.nan, 0.5]])
    found = _fit(valid, valid, np.arange(3))
    assert np.isnan(found.scores).tolist() == [False, True, False]
    assert found.overall == 0


def test_no_score_at_all_is_refused():
    with pytest.raises(UserError, match="no option has a finished fit"):
        _fit(np.full((2, 3), np.nan), np.full((2, 3), np.nan), np.arange(3))
    with pytest.raises(UserError, match=r"valid \(2, 3\) and test \(2, 2\) scores came for 3 fits"):
        _fit(np.zeros((2, 3)), np.zeros((2, 2)), np.arange(3))
