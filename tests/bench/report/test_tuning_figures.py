"""Figures of a tuning show every setting: by its option's value, within its category, and at the edge where it is far off."""

import numpy as np
import pytest

import bench.variants.built_in  # noqa: F401 - registers the variants
from bench.report.tuning.figures import _ends_of_losses, slices
from bench.tuning.expected_best import Curve
from bench.tuning.history import History, Tried
from bench.tuning.space import space_of
from bench.tuning.terms import Terms
from cfce.search import Range

SCORES = (1.0, 1.1, 1.2, 1.3, 1.15, 9.0, 0.99)
SAMPLERS = ("permutation", "bootstrap")
STATES = ("complete", "complete", "pruned", "complete", "pruned", "complete", "complete")


@pytest.fixture(scope="module")
def panels():
    """Seven settings by learning rate and sampler; the axis goes from 0.99 - 0.12 r to 1.25 + 0.6 r, r = 1.25 - 0.99."""
    given = {"all": {"learning_rate": Range(low=0.001, high=0.1, log=True), "sampler": Range(choices=SAMPLERS)}}
    space = space_of("regression", {}, given)
    tried = [
        Tried(
            at,
            {**space.defaults, "learning_rate": 0.002 * (at + 1), "sampler": SAMPLERS[at % 2]},
            state,
            (score,),
            1.0,
        )
        for at, (score, state) in enumerate(zip(SCORES, STATES, strict=True))
    ]
    figure = slices(History("regression", Terms(splits=1), space, tuple(tried), tried[-1], (), (), ()))
    assert figure.get_suptitle() == "regression: NLL on valid by option; arrow: 1 beyond the axis"
    return {panel.get_title(): panel for panel in figure.axes}


def marks(panel):
    """Places of all marks but the star of the chosen one, which comes last."""
    return np.concatenate([one.get_offsets() for one in panel.collections[:-1]])


def test_every_setting_is_drawn_and_one_far_off_is_held_at_the_edge(panels):
    low, high = 0.99 - 0.12 * 0.26, 1.25 + 0.6 * 0.26
    panel = panels["learning rate"]
    assert panel.get_ylim() == pytest.approx((low, high))
    found = dict(marks(panel).tolist())
    expected = [high - 0.03 * (high - low) if score == 9.0 else score for score in SCORES]
    assert [found[0.002 * (at + 1)] for at in range(len(SCORES))] == pytest.approx(expected)


def test_a_setting_stands_nearest_to_its_own_category_by_far(panels):
    panel = panels["sampler"]
    ticks = dict(zip(panel.get_xticks(), (one.get_text() for one in panel.get_xticklabels()), strict=True))
    assert tuple(ticks.values()) == SAMPLERS, "in full"
    by_score = {score: SAMPLERS[at % 2] for at, score in enumerate(SCORES) if score < 9}
    inside = [(x, y) for x, y in marks(panel).tolist() if y in by_score]
    assert len(inside) == 6
    assert all(ticks[round(x)] == by_score[y] and abs(x - round(x)) <= 0.15 for x, y in inside)


@pytest.mark.parametrize(("first", "ends"), [(1.9, (1.0, 1.9, False)), (2.1, (1.0, 1.5, True))])
def test_an_axis_of_curves_holds_their_beginnings_unless_these_more_than_double_it(first, ends):
    """Two settings and more span 1.0 to 1.5; twice that ends at 2."""
    curves = [Curve(np.array(mean), *[np.array(mean)] * 3) for mean in ([first, 1.5, 1.4], [1.2, 1.1, 1.0])]
    assert _ends_of_losses(curves) == ends
