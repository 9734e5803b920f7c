"""Sixteen configurations whose names begin alike are told from each other in figures, in the answer's picture and on the page."""

import re
from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from bench.report.chart_data import ChartData, Confusion, Dot, LearningCurve, Reliability
from bench.report.figures import across, learning_curves, rates, reliability
from bench.report.forest import Bar, Forest, Panel
from bench.report.forest_svg import forest_svg
from bench.report.numbers import Spread
from bench.report.page_charts import page_charts
from bench.report.short_names import short_names

LONG = [
    f"ce-sigmoid (batch size {size}, weight decay {decay}, n factors {n}, {sampler})"
    for size, decay, n, sampler in product((32, 48), (0.05, 0.1), (12, 13), ("bootstrap", "permutation"))
]
SCORES = {"normalized_rmse": 0.2, "accuracy": 0.4, "nll": 1.3}


def charts_of(names):
    """A dot, a curve, a reliability and a confusion of each configuration, and a level line."""
    one = Spread.of([0.1])
    curve = np.array([[0.1, 0.1, 9.0], [0.9, 0.8, 9.0]])
    return ChartData(
        evaluation_part="test",
        labels=("1", "2"),
        dots=tuple(Dot(name, 0.01, 0, 0, SCORES, "t") for name in names),
        without_rate={"constant": SCORES},
        confusions=tuple(Confusion(name, 0.01, 1, np.eye(2), (one, one), (0, 0), True) for name in [*names, "constant"]),
        reliabilities=tuple(Reliability(name, 0.01, curve, one) for name in names),
        curves=tuple(LearningCurve(name, 0.01, (1.0, 0.9), ((1.1, 1.0),)) for name in names),
    )


def legend_of(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_names_stay_distinct_however_short_they_become():
    for most in (50, 40, 28, 12):
        found = short_names([*LONG, "bias"], most)
        assert list(found) == [*LONG, "bias"]
        assert len(set(found.values())) == len(LONG) + 1
        assert max(map(len, found.values())) <= most
        assert found["bias"] == "bias"


def test_names_that_fit_stay_as_they_are():
    names = ["ce (bootstrap)", "ce (permutation)", "regression"]
    assert short_names(names) == {name: name for name in names}


@pytest.mark.parametrize("draw", [rates, reliability])
def test_a_legend_has_an_entry_for_each_configuration_inside_the_figure(draw):
    figure = draw(charts_of(LONG))
    labels = legend_of(figure)
    assert len(set(labels)) == len(labels) == len(LONG) + (draw is rates)
    figure.draw_without_rendering()
    box = figure.legends[0].get_window_extent()
    assert 0 <= box.x0 < box.x1 <= figure.bbox.width
    assert across(["ce (bootstrap)", "constant (no rate)"]) == 3, "as many of short names as ever"


def test_the_panels_of_learning_curves_have_titles_of_their_own():
    titles = [panel.get_title() for panel in learning_curves(charts_of(LONG)).axes]
    assert len(set(titles)) == len(LONG)
    assert max(len(line) for title in titles for line in title.split("\n")) <= 28


@pytest.mark.parametrize(("pairs", "lines"), [([(LONG[0], other) for other in LONG[1:9]], 2), ([("ce", "bias")], 1)])
def test_each_row_of_the_answer_names_both_of_its_pair(pairs, lines):
    bar = Bar(0.5, 0.4, 0.6, "undecided", "+0.1")
    forest = Forest((Panel("NLL", "lower", (0.4, 0.6), 1.0),), tuple((a, b, (bar,)) for a, b in pairs), 0)
    texts = re.findall(r'<text x="12.0"[^>]*>([^<]*)</text>', forest_svg(forest, "title"))[1:]
    rows = {" ".join(texts[at : at + lines]) for at in range(0, len(texts), lines)}
    assert len(rows) == len(pairs)
    assert all(len(row.split("− ")) == 2 for row in rows)


def test_the_page_has_a_short_name_for_each_series_and_row():
    results = pd.DataFrame(
        {"engine": "fused", "device": "cpu", "variant": [*LONG, "constant"], "seconds_per_epoch": 0.1, "status": "ok"}
    )
    scores = SimpleNamespace(study=SimpleNamespace(plans=[], distinct=()), results=results)
    page = page_charts(scores, charts_of(LONG))
    for names in (page["looks"], page["timing"]):
        assert len({page["short"][name] for name in names}) == len(LONG) + 1
    assert max(map(len, page["short"].values())) <= 44
