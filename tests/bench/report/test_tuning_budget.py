"""Who is said to lead at a budget: by every curve, and never one whose search was lost."""

import numpy as np
import pytest

import bench.variants.built_in  # noqa: F401 - registers the variants
from bench.report.tuning.sections import budget
from bench.tuning.expected_best import expected_best_curve
from bench.tuning.history import History, Tried
from bench.tuning.space import space_of
from bench.tuning.terms import Terms


def told(losses_of):
    """The sentence on who leads, of searches whose losses are given by variant."""
    histories, curves = [], []
    for name, losses in losses_of.items():
        tried = [Tried(at, {}, "complete", (loss,), 1.0) for at, loss in enumerate(losses)]
        histories.append(History(name, Terms(splits=1), space_of(name, {}, {}), tuple(tried), tried[0], (), (), ()))
        curves.append(expected_best_curve(np.array(losses)))
    section = budget(histories, curves, [])
    return section, " ".join(section.sentences[1:])


@pytest.mark.parametrize(
    "order", [["ce", "regression", "ordrec"], ["ordrec", "ce", "regression"], ["regression", "ordrec", "ce"]]
)
def test_a_search_that_lost_every_setting_neither_leads_nor_follows(order):
    losses = {"ce": [np.nan] * 20, "regression": [1.3] * 20, "ordrec": [1.5] * 20}
    section, text = told({name: losses[name] for name in order})
    assert "regression is ahead of all others" in text
    assert text.endswith("Every setting of ce was lost, so there is no curve.")
    (table,) = section.tables
    assert next(row[2].text for row in table.rows if row[1].text == "ce") == "–"
    assert {row[1].text for row in table.rows if row[2].best} == {"regression"}


def test_who_is_ahead_of_the_next_by_mean_need_not_be_ahead_of_all():
    """The third has half of its settings better than the first, and half far worse: its mean is the worst, its draws are not."""
    losses = {
        "regression": np.full(20, 1.30) + np.arange(20) * 1e-4,
        "ordrec": np.full(20, 1.32) + np.arange(20) * 1e-4,
        "ce": np.tile([1.0, 1.75], 10),
    }
    _, text = told({name: list(found) for name, found in losses.items()})
    assert "at 1 regression leads, but the interval of its difference to ce holds 0" in text
