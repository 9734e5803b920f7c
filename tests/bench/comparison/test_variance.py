import numpy as np
import pytest

from bench.comparison.scores import StudyScores
from bench.comparison.variance import components_of, crossed, split_variance


def _drawn(draws, spreads, rng):
    """Values whose split, weights, order and interaction have known variances."""
    effects = [rng.normal(0, spread, draws[:, axis].max() + 1) for axis, spread in enumerate(spreads[:3])]
    values = sum(effect[draws[:, axis]] for axis, effect in enumerate(effects))
    return values + rng.normal(0, spreads[3], len(draws))


def test_known_components_of_a_crossed_design_are_found_on_average():
    rng = np.random.default_rng(0)
    draws = crossed(6, 5, 4)
    found = [components_of(_drawn(draws, (3.0, 2.0, 1.0, 0.5), rng), draws)[0] for _ in range(400)]
    means = {name: np.mean([one[name] for one in found]) for name in found[0]}
    assert list(means) == ["split", "initial weights", "order", "interaction"]
    assert list(means.values()) == pytest.approx([9, 4, 1, 0.25], rel=0.12)


def test_sources_in_step_are_one_component_and_the_text_says_so():
    values = np.array([1.0, 2.0, 4.0])
    components, n, text = components_of(values, np.array([[0, 0, 0], [1, 1, 1], [2, 2, 2]]))
    assert components == {"split, initial weights and order": pytest.approx(np.var(values, ddof=1))}
    assert n == 3
    assert text == "The design varies split, initial weights and order together, so their shares cannot be told apart."


def test_a_source_that_was_drawn_once_is_named_as_unseen():
    _, _, text = components_of(np.array([1.0, 2.0]), np.array([[0, 0, 0], [0, 1, 1]]))
    assert "Only one split was drawn, so what it adds is not seen." in text


def test_a_hole_drops_a_level_and_is_said():
    draws = crossed(3, 3, 1)[:-1]
    values = draws[:, 0] * 10.0 + draws[:, 1]
    components, n, text = components_of(values, draws)
    assert n == 6
    assert "2 trials outside the complete grid were left out" in text
    assert components["interaction"] == 0


def test_an_arms_spread_is_split_at_its_chosen_learning_rate(make_study, tmp_path):
    study = make_study(tmp_path, [make_study.MadeUp("regression")], [(0, 0, 0), (0, 1, 1), (1, 0, 0), (1, 1, 1)])
    found = split_variance(StudyScores.of(study), "regression", "nll")
    assert set(found.components) == {"split", "initial weights and order", "interaction"}
    assert sum(found.shares.values()) == pytest.approx(1)
    assert (found.n, found.learning_rate) == (4, 5e-3)
