import numpy as np
import pytest
from proofs.tiny import tiny_study
from scipy import stats

from bench.statistics.decide import withheld_for
from bench.statistics.estimate import estimate
from bench.statistics.users import effective_users
from cfce.errors import UserError


@pytest.mark.parametrize("n_ratings", [11, 50, 500, 2000])
@pytest.mark.parametrize("n_splits", [2, 3])
def test_tiny_test_parts_keep_the_level(n_splits, n_ratings):
    """Studies without a difference, three kinds of losses: 5 % of p-values are below .05 at most, also before any is withheld."""
    rng = np.random.default_rng(n_ratings + n_splits)
    found = [tiny_study(n_splits, n_ratings, kind, rng, 200) for kind in ("hits", "errors", "rare") for _ in range(70)]
    assert np.mean([one.p <= 0.05 for one in found]) <= 0.05


def test_differences_that_happen_to_be_equal_are_no_certainty():
    rng = np.random.default_rng(0)
    replicates = 0.1 + 0.02 * rng.standard_normal((500, 2))  # users and ratings of each split move it by .02
    found = estimate(np.array([0.03, 0.03]), np.arange(2), np.arange(2), replicates, 40)
    without = estimate(np.array([0.03, 0.03]), np.arange(2), np.arange(2))
    assert without.p == 0.0
    assert 0.03 < found.p < 0.06  # .03 in errors of .02 / sqrt(2) is 2.1 of Student's t with 39 degrees of freedom
    few = estimate(np.array([0.03, 0.03]), np.arange(2), np.arange(2), replicates, 3)
    assert few.p > found.p
    assert withheld_for(few) == ("few users",)


def test_users_who_move_all_splits_alike_do_not_average_out():
    moves = np.random.default_rng(0).normal(0, 0.01, (2000, 1)) + np.zeros((1, 40))
    found = estimate(np.zeros(40), np.arange(40), None, moves, 500)
    assert found.se == pytest.approx(0.01, rel=0.05)
    assert found.components["users"] == pytest.approx(1e-4, rel=0.1)
    apart = np.random.default_rng(0).normal(0, 0.01, (2000, 40))
    assert estimate(np.zeros(40), np.arange(40), None, apart, 500).se == pytest.approx(0.01 / 40**0.5, rel=0.2)


def test_a_claim_about_other_data_is_nadeau_and_bengios():
    values = np.array([1.0, 3.0, 2.0, 5.0])
    found = estimate(values, np.arange(4), held_out_by_train=0.125)
    error = np.sqrt((1 / 4 + 0.125) * values.var(ddof=1))
    assert found.other_data
    assert found.p == pytest.approx(2 * stats.t.sf(values.mean() / error, 3), rel=1e-6)
    assert estimate(values, np.arange(4)).p == pytest.approx(stats.ttest_1samp(values, 0).pvalue, rel=1e-6)


def _other_data_errors(n_studies, rng):
    """Two models that are equal over data sets: each regresses on one of two exchangeable columns; 10 splits of 200 rows."""
    rejected = {"plain": 0, "other": 0}
    for _ in range(n_studies):
        x = rng.standard_normal((200, 2))
        user = rng.integers(0, 40, 200)
        y = x.sum(axis=1) + 0.5 * rng.standard_normal((40, 2))[user].sum(axis=1) + rng.standard_normal(200)
        weights = rng.multinomial(40, np.full(40, 1 / 40), size=60)
        values, moves = [], []
        for _ in range(10):
            rows = rng.permutation(200)
            train, test = rows[:160], rows[160:]
            slopes = [x[train, one] @ y[train] / (x[train, one] @ x[train, one]) for one in (0, 1)]
            loss = (y[test] - slopes[0] * x[test, 0]) ** 2 - (y[test] - slopes[1] * x[test, 1]) ** 2
            values.append(loss.mean())
            drawn = weights[:, user[test]]
            moves.append((drawn @ loss) / np.maximum(drawn.sum(axis=1), 1))
        rejected["plain"] += estimate(np.array(values), np.arange(10)).p <= 0.05
        rejected["other"] += estimate(np.array(values), np.arange(10), None, np.array(moves).T, 40, 0.25).p <= 0.05
    return {name: count / n_studies for name, count in rejected.items()}


def test_a_claim_about_other_data_holds_over_data_sets():
    """Splits share their ratings: a plain t over them is wrong far more often than in 5 % of data sets."""
    found = _other_data_errors(300, np.random.default_rng(3))
    assert found["other"] <= 0.05
    assert found["plain"] > 0.2


def test_what_a_claim_is_about():
    users = np.random.default_rng(0).standard_normal((5, 4))
    four = np.arange(4)

    def scope(splits, seeds, replicates=users):
        return estimate(np.arange(4.0), splits, seeds, replicates).generalises_to

    assert scope(four, four) == ("splits", "seeds", "users")
    assert scope(four, four * 0) == ("splits", "users")  # one seed for all
    assert scope(four // 2, four % 2) == ("splits", "seeds", "users")
    assert scope(four * 0, four) == ("seeds", "users")
    assert scope(four, None, None) == ("splits",)


def test_one_unit_has_no_interval():
    found = estimate(np.array([1.0]), np.array([0]), np.array([0]), np.ones((5, 1)))
    assert np.isnan([found.low, found.high, found.p, found.se, found.p_outside(1.0), found.p_above(0.0)]).all()
    assert withheld_for(found) == ("one unit",)


def test_equivalence_is_two_one_sided_tests():
    values = np.array([0.1, 0.3, 0.2, 0.4])
    found = estimate(values, np.arange(4))
    error = values.std(ddof=1) / 2
    by_hand = max(stats.t.sf((0.5 - 0.25) / error, 3), stats.t.sf((0.5 + 0.25) / error, 3))
    assert found.p_outside(0.5) == pytest.approx(by_hand, rel=1e-6)
    assert found.p_outside(0.1) > 0.5


def test_effective_users_of_equal_and_of_one_heavy_user():
    assert effective_users(np.full(5, 20.0)) == 5
    assert effective_users(np.array([96.0, 1, 1, 1, 1])) == pytest.approx(100**2 / (96**2 + 4))
    assert effective_users(np.zeros(3)) == 0


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(UserError, match=r"differences of shape \(3,\) came for 2 fits"):
        estimate(np.zeros(3), np.arange(2))
    with pytest.raises(UserError, match=r"replicates of shape \(5, 3\) came for 2 fits"):
        estimate(np.zeros(2), np.arange(2), None, np.zeros((5, 3)))
    with pytest.raises(UserError, match="one split came; a claim about other data"):
        estimate(np.zeros(2), np.zeros(2, dtype=int), None, held_out_by_train=0.1)


def test_where_no_rating_makes_a_difference_three_more_in_so_many_may():
    """Two splits of 60 ratings each on which two variants predict the same: 3 of 120 others may be told apart."""
    none = np.zeros(2)
    seen = estimate(none, np.arange(2), None, np.zeros((9, 2)), 20.0, n_ratings=120)
    assert seen.high == pytest.approx(3 / 120, rel=1e-3)
    assert seen.p_outside(0.002) > 0.05
    many = estimate(none, np.arange(2), None, np.zeros((9, 2)), 400.0, n_ratings=20_000)
    assert many.p_outside(0.002) < 0.05
    some = estimate(np.array([0.0, 0.1]), np.arange(2), None, np.zeros((9, 2)), 20.0, n_ratings=120)
    assert some.high == estimate(np.array([0.0, 0.1]), np.arange(2), None, np.zeros((9, 2)), 20.0).high
