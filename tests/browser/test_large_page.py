"""The page of a study of 5,000 trials opens in under 3 s and filters in under 0.2 s, and one of few trials is small."""

import re
import time
from dataclasses import replace

import numpy as np
import pytest

from bench.report.chart_data import ChartData, Confusion, Dot, LearningCurve, Reliability
from bench.report.content import Cell, Report, Section, Table
from bench.report.numbers import Spread
from bench.report.page import report_page
from bench.report.short_names import short_names
from bench.report.style import look, looks

pytestmark = pytest.mark.browser

VARIANTS, RATES, SEEDS, LEVELS = 25, 8, 25, 5
METRICS = [["normalized_rmse", "normalized RMSE", False], ["accuracy", "accuracy", True], ["nll", "NLL", False]]


NAMES = [f"variant-{at}" for at in range(VARIANTS)]
STEPS = [0.001 * 2**at for at in range(RATES)]


@pytest.fixture(scope="module")
def large_charts():
    """The charts of 25 variants at 8 rates with 25 seeds: 5,000 trials."""
    rng = np.random.default_rng(0)
    names, rates = NAMES, STEPS
    dots = tuple(
        Dot(name, rate, seed, seed, {one[0]: float(rng.normal(1, 0.1)) for one in METRICS}, f"{at:08x}{seed:08x}")
        for at, name in enumerate(names)
        for rate in rates
        for seed in range(SEEDS)
    )
    spread = Spread.of([0.4, 0.5])
    return ChartData(
        "test",
        tuple(map(str, range(1, LEVELS + 1))),
        dots,
        {"constant": {one[0]: 1.2 for one in METRICS}},
        tuple(
            Confusion(
                name, rate, SEEDS, rng.integers(0, 4000, (LEVELS, LEVELS)) * 1.0, (spread,) * LEVELS, (0,) * LEVELS, at == 0
            )
            for name in names
            for at, rate in enumerate(rates)
        ),
        tuple(Reliability(name, rates[0], rng.random((10, 3)), spread) for name in names),
        tuple(
            LearningCurve(name, rate, tuple(rng.random(5)), tuple(tuple(rng.random(5)) for _ in range(SEEDS)))
            for name in names
            for rate in rates
        ),
    )


@pytest.fixture(scope="module")
def large_page(large_charts, tmp_path_factory):
    """The page of those charts, with 200 rows of scores and 1,500 of pairs."""
    page = tmp_path_factory.mktemp("large") / "report.html"
    tables = sections(NAMES, STEPS, np.random.default_rng(0))
    page.write_text(report_page(Report("Study large", "5,000 trials", tables, numbers(large_charts))))
    return page


@pytest.fixture(scope="module")
def long_scale_page(large_charts, tmp_path_factory):
    """The page of a scale of 100 ratings."""
    labels = tuple(map(str, range(1, 101)))
    one = replace(large_charts.confusions[0], counts=np.random.default_rng(0).integers(0, 3, (100, 100)) * 1.0)
    page = tmp_path_factory.mktemp("long") / "report.html"
    charts = numbers(replace(large_charts, labels=labels, confusions=(one,)))
    page.write_text(
        report_page(Report("Study long", "100 ratings", sections(NAMES[:2], STEPS[:1], np.random.default_rng(0)), charts))
    )
    return page


def sections(names, rates, rng):
    """The sections that grow with a study."""
    scores = [
        (Cell(name), Cell("fused"), Cell(f"{rate:g}", rate), *(Cell(f"{one:.4f} ± 0.0100", one) for one in rng.random(6)))
        for name in names
        for rate in rates
    ]
    pairs = [
        (Cell(f"score {score}"), Cell(a), Cell(b), Cell(f"{one:+.4f} [0.0, 0.1]", one), Cell("5", 5), Cell("undecided"))
        for score in range(5)
        for at, a in enumerate(names)
        for b in names[:at]
        for one in rng.random(1)
    ]
    board = ("variant", "engine", "learning rate", *(f"score {at}" for at in range(6)))
    return (
        Section("leaderboard", "Scores", tables=(table("leaderboard", board, scores, (1, 2)),)),
        Section("pairs", "Pairs", tables=(table("pairs", ("score", "A", "B", "A - B", "n", "A is"), pairs, (0, 5)),)),
        *(Section(f"of-{name}", name, chart=name) for name in ("rates", "confusion", "reliability", "curves", "timing")),
    )


def table(name, head, rows, filters):
    return Table(name, name, head, tuple(rows), filters=filters, sortable=True)


def numbers(charts):
    """The charts as the page has them."""
    return {
        "part": "test",
        "labels": list(charts.labels),
        "looks": {name: one.page for name, one in looks(charts).items()},
        "short": short_names(looks(charts)),
        "rates": {
            "metrics": METRICS,
            "dots": [[dot.configuration, dot.learning_rate, dot.split, dot.seed, *dot.scores.values()] for dot in charts.dots],
            "without_rate": {name: list(values.values()) for name, values in charts.without_rate.items()},
            "trials": {"commands": ["bench run --seeds "], "of": [[dot.trial_id, 0, dot.seed + 1] for dot in charts.dots]},
        },
        "confusion": [
            {
                "configuration": one.configuration,
                "rate": one.learning_rate,
                "n": one.n,
                "chosen": one.chosen,
                "counts": one.counts.tolist(),
            }
            for one in charts.confusions
        ],
        "reliability": [{"configuration": one.configuration, "curve": one.curve.tolist()} for one in charts.reliabilities],
        "curves": [
            {
                "configuration": one.configuration,
                "rate": one.learning_rate,
                "look": look(0).page[:2],
                "train": list(one.train),
                "mean": list(one.valid_mean),
                "valid": [list(losses) for losses in one.valid],
            }
            for one in charts.curves
        ],
        "timing": {name: [0.1 + 0.001 * seed for seed in range(SEEDS * RATES)] for name in looks(charts) if name != "constant"},
    }


def test_it_opens_in_under_three_seconds(open_report, large_page):
    began = time.perf_counter()
    opened = open_report(1400, file=large_page)
    seconds = time.perf_counter() - began
    assert opened.said == []
    assert seconds < 3


@pytest.mark.parametrize("action", ["filter", "find", "sort"])
def test_it_filters_finds_and_sorts_in_under_a_fifth_of_a_second(open_report, large_page, action):
    page = open_report(1400, file=large_page).page
    act = {
        "filter": "const one = box.querySelector('select'); one.value = 'score 3'; one.dispatchEvent(new Event('change'))",
        "find": "const one = box.querySelector('[type=search]'); one.value = 'variant-7'; one.dispatchEvent(new Event('input'))",
        "sort": "document.querySelector('#table-pairs th:nth-child(4) button').click()",
    }[action]
    milliseconds = page.evaluate(
        "() => { const box = document.querySelector('.tools[data-table=pairs]'); const began = performance.now(); "
        f"{act}; document.body.offsetHeight; return performance.now() - began; }}"
    )
    shown = page.locator(".tools[data-table=pairs] .count").inner_text()
    assert shown == {"filter": "300 of 1,500 rows", "find": "120 of 1,500 rows", "sort": "1,500 of 1,500 rows"}[action]
    assert milliseconds < 200


def test_a_long_table_shows_its_first_rows_and_then_all(open_report, large_page):
    page = open_report(1400, file=large_page).page
    assert page.locator("#table-pairs tbody tr").count() == 200
    page.get_by_role("button", name=re.compile("Show all 1,500 rows")).click()
    assert page.locator("#table-pairs tbody tr").count() == 1500


def test_a_chart_of_many_variants_begins_with_the_first_and_tells_so(open_report, large_page):
    page = open_report(1400, file=large_page).page
    assert page.locator("#chart-rates .series .dots").count() == 8
    assert "9 of 26 are drawn" in page.locator("#controls-rates .note").inner_text()


@pytest.mark.parametrize("width", [390, 1400])
def test_the_labels_of_a_hundred_ratings_do_not_cover_each_other(open_report, long_scale_page, width):
    page = open_report(width, file=long_scale_page).page
    boxes = page.eval_on_selector_all(
        "#chart-confusion > svg > text:not(.title)",
        "all => all.map(one => { const b = one.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })",
    )
    assert len(boxes) >= 10
    for at, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[:at]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top


def test_the_page_of_a_small_study_is_below_a_megabyte_and_a_half(report_file):
    assert report_file.stat().st_size < 1_500_000
