"""The axis of learning rates: a variant alone at its rate stands at the tick, those that share one side by side."""

from itertools import pairwise

import matplotlib as mpl
import pytest

from bench.report import figures, rate_axis
from bench.report.chart_data import RATE_METRICS, ChartData, Dot


def test_only_variants_that_share_a_rate_stand_beside_its_tick():
    pairs = [("regression", 0.04), ("ce", 0.005), ("ordrec", 0.005), ("rps", 0.005), ("ce", 0.005), ("rps", 0.1)]
    found = {pair: shift for pair, (shift, _) in rate_axis.shifts(pairs).items()}
    assert found == {
        ("regression", 0.04): 0,
        ("ce", 0.005): pytest.approx(-0.2),
        ("ordrec", 0.005): pytest.approx(0),
        ("rps", 0.005): pytest.approx(0.2),
        ("rps", 0.1): 0,
    }


@pytest.mark.parametrize("n", [1, 2, 7, 30])
def test_slots_do_not_overlap_and_stay_nearest_to_their_tick(n):
    found = sorted(rate_axis.shifts((f"v{at}", 0.1) for at in range(n)).values())
    ends = [(shift - slot / 2, shift + slot / 2) for shift, slot in found]
    assert ends[0][0] >= -0.3 - 1e-12
    assert ends[-1][1] <= 0.3 + 1e-12
    assert all(right[0] >= left[1] - 1e-12 for left, right in pairwise(ends))


@pytest.mark.parametrize("n", [3, 6, 18, 45])
def test_labels_of_any_count_of_tuned_rates_lie_apart(n):
    rates = [0.00011351612 * 1.1**at for at in range(n)]
    dots = tuple(Dot(f"v{at % 5}", rate, 0, 0, dict.fromkeys(RATE_METRICS, 1.0 + at), "t") for at, rate in enumerate(rates))
    with mpl.rc_context(figures.TEXT):
        figure = figures.rates(ChartData("test", ("1", "2"), dots, {}, (), (), ()))
        figure.draw_without_rendering()
    panel = figure.axes[0]
    texts = panel.get_xticklabels()
    assert [one.get_text() for one in texts] == rate_axis.labels(rates)[:: -(-n // figures.UPRIGHT)]
    boxes = [one.get_window_extent() for one in texts]
    if n == 6:  # slanted: the room that a line of text takes along the axis
        height = 1.41 * figures.TEXT["font.size"] * figure.dpi / 72
        assert all(right.x1 - left.x1 >= height for left, right in pairwise(boxes))
    else:
        assert not any(left.overlaps(right) for left, right in pairwise(boxes))
    assert min(box.y0 for box in boxes) > panel.xaxis.label.get_window_extent().y1
    assert panel.xaxis.label.get_window_extent().y0 > figure.legends[0].get_window_extent().y1
