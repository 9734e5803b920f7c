"""Sections of a scale of many ratings: what would be a hundred columns is told in ranges and counts."""

import numpy as np

from bench.report.chart_data import ChartData, Confusion
from bench.report.content import Cell, Table
from bench.report.numbers import Spread
from bench.report.sections.behaviour import confusion


def of(counts, never):
    """The section of one variant with these mean counts, (K, K), and the levels that none of its 2 trials predicts."""
    k = len(counts)
    recall = tuple(Spread.of([counts[level, level] / counts[level].sum()]) for level in range(k))
    one = Confusion("ce", 0.1, 2, counts, recall, tuple(2 * (level in never) for level in range(k)), chosen=True)
    return confusion(ChartData("test", tuple(str(level + 1) for level in range(k)), (), {}, (one,), (), ()), {})


def test_neighbours_that_are_never_predicted_are_a_range_and_many_are_counted():
    assert "ce at learning rate 0.1 never predicts 1 or 3 to 9." in of(np.ones((20, 20)), {0, *range(2, 9)}).sentences
    assert "ce at learning rate 0.1 never predicts 50 of 100 ratings." in of(np.ones((100, 100)), set(range(0, 100, 2))).sentences


def test_a_column_in_which_no_row_has_anything_is_left_out_with_its_filter():
    rows = tuple((Cell(name), Cell("–"), Cell("1", 1.0)) for name in ("a", "b"))
    table = Table("t", "", ("name", "nothing", "number"), rows, frozenset({2}), filters=(0, 1, 2), sortable=True).told
    assert (table.head, table.numeric, table.filters) == (("name", "number"), frozenset({1}), (0, 1))
    assert [cell.text for cell in table.rows[0]] == ["a", "1"]
