"""Numbers in the cells of a confusion: they fit, and what was seen at times is not 0."""

import numpy as np
import pytest

from bench.report import cells, figures
from bench.report.chart_data import Confusion


@pytest.mark.parametrize(("k", "most"), [(10, 52.0), (10, 123456.0), (5, 1234567.0), (2, 9.0)])
def test_every_number_lies_within_its_cell(k, most):
    counts = np.full((k, k), 0.04)
    counts[0, :] = 0
    counts[0, 0] = most  # and 100 per cent of its row
    figure = figures.confusion(Confusion("ce", 0.05, 25, counts, (), (0,) * k, True), [str(one) for one in range(k)])
    figure.draw_without_rendering()
    for panel in figure.axes[:2]:
        cell = panel.transData.transform([(0, 0), (1, 0)])[:, 0]
        assert len(panel.texts) == k * k
        assert max(text.get_window_extent().width for text in panel.texts) < cell[1] - cell[0]
    assert figure.axes[0].texts[k].get_text() == "<0.1", "a mean that is not 0"
    assert figure.axes[1].get_title() == ("row percentages" if k < 10 else "row percentages (%)")


def test_the_longest_form_at_the_largest_size_is_taken():
    """Five digits and a comma are 5 x 0.64 + 0.32 = 3.52 times their size wide: 35.2, 31.7 and 28.2 points."""
    forms = (cells.count, cells.in_thousands)
    one = np.array([[12345.0]])
    found = [cells.fitted(one, room / cells.FILLED, forms) for room in (36, 32, 29, 28)]
    assert [(str(each.texts[0, 0]), each.size) for each in found] == [
        ("12,345", 10.0),
        ("12,345", 9.0),
        ("12,345", 8.0),
        ("12k", 10.0),
    ]
    assert [each.form for each in found] == [0, 0, 0, 1]


def test_percentages_of_one_study_look_alike_whether_or_not_one_is_100():
    some, all_of_them = (np.array([[0.0, one]]) for one in (92.0, 100.0))
    forms = (cells.percent, "{:.0f}".format)
    found = [cells.fitted(one, 24.0, forms, 100.0) for one in (some, all_of_them)]
    assert [(one.size, one.form) for one in found] == [(10.0, 1)] * 2


def test_a_cell_without_a_number_is_empty():
    assert cells.fitted(np.array([[np.nan, 3.0]]), 40.0, (cells.percent,)).texts.tolist() == [["", "3 %"]]
