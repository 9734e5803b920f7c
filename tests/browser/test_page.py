"""The page in a real browser: it loads from disk, asks for nothing, sorts, filters, switches, and can be read by all."""

import csv
import io
import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
HOSTILE = "<script>alert(1)</script>"
WIDTHS = (390, 1400)


def until(page, expression):
    """Wait until an expression holds; playwright's own wait evaluates a string in the page, which the policy forbids."""
    for _ in range(100):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never came true: {expression}")


def column(page, table, at):
    return page.eval_on_selector_all(
        f"#table-{table} tbody tr:not([hidden])", f"rows => rows.map(row => row.cells[{at}].textContent)"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_loads_from_disk_without_a_complaint_or_a_request_and_fits_the_width(open_report, report_file, width, scheme):
    opened = open_report(width, scheme)
    assert opened.requests == [report_file.as_uri()]
    assert opened.said == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") == width
    for name in ("rates", "reliability", "curves", "timing"):
        assert opened.page.locator(f"#chart-{name} > svg path").count() > 0, name


@pytest.mark.parametrize("width", WIDTHS)
def test_no_name_is_broken_into_letters(open_report, width):
    page = open_report(width).page
    heights = page.eval_on_selector_all(
        "main table:not(.forest) tbody tr:not([hidden])", "rows => rows.map(row => row.offsetHeight)"
    )
    assert max(heights) < 160


@pytest.mark.parametrize("width", WIDTHS)
def test_the_leaderboard_sorts_by_any_column_up_and_down_by_keyboard(open_report, width):
    page = open_report(width).page
    heads = page.locator("#table-leaderboard thead th")
    at = next(number for number, text in enumerate(heads.all_inner_texts()) if text.startswith("NLL"))
    heads.nth(at).locator("button").focus()
    page.keyboard.press("Enter")
    assert heads.nth(at).get_attribute("aria-sort") == "ascending"
    values = [float(text.split(" ")[0]) for text in column(page, "leaderboard", at)]
    assert values == sorted(values)
    page.keyboard.press("Enter")
    assert heads.nth(at).get_attribute("aria-sort") == "descending"
    values = [float(text.split(" ")[0]) for text in column(page, "leaderboard", at)]
    assert values == sorted(values, reverse=True)
    heads.nth(0).locator("button").click()
    assert heads.nth(at).get_attribute("aria-sort") is None
    assert column(page, "leaderboard", 0)[0] == HOSTILE


@pytest.mark.parametrize("width", WIDTHS)
def test_the_leaderboard_filters_by_engine_device_and_learning_rate_together(open_report, width):
    page = open_report(width).page
    box = page.locator(".tools[data-table=leaderboard]")
    labels = box.locator("> label").all_inner_texts()
    assert [text.split("\n")[0].strip() for text in labels] == ["engine", "device", "learning rate", "find"]
    everything = len(column(page, "leaderboard", 0))
    box.locator("select").nth(0).select_option("fused")
    assert set(column(page, "leaderboard", 1)) == {"fused"}
    box.locator("select").nth(2).select_option("0.1")
    assert set(column(page, "leaderboard", 4)) == {"0.1"}
    shown = len(column(page, "leaderboard", 0))
    assert 0 < shown < everything
    assert box.locator(".count").inner_text() == f"{shown} of {everything} rows"


@pytest.mark.parametrize("width", WIDTHS)
def test_the_confusion_switches_between_counts_and_percentages_and_between_variants(open_report, width):
    page = open_report(width).page

    def cells():
        return page.locator("#chart-confusion .cells text").all_text_contents()

    counts = cells()
    assert len(counts) == 25
    assert not any("%" in text for text in counts)
    page.locator("#controls-confusion").get_by_label("row percentages").check()
    shares = cells()
    assert abs(sum(float(text.split(" ")[0]) for text in shares[:5]) - 100) <= 3
    page.locator("#controls-confusion select").select_option(label="constant")
    until(page, "document.getElementById('chart-confusion').getAttribute('aria-label').startsWith('Confusion of constant')")
    assert [text for text in cells() if not text.startswith("0")] == ["100 %"] * 5


def dots(page):
    """The places of the marks of each variant in the chart of learning rates, in pixels: name to [(x, y)]."""
    return page.eval_on_selector_all(
        "#chart-rates .series .dots",
        "paths => Object.fromEntries(paths.map(path => [path.parentElement.dataset.name, "
        "path.getAttribute('d').split('M').slice(1).map(one => one.split(/[ aL]/).slice(0, 2).map(Number))]))",
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_the_learning_rates_show_every_trial_for_each_score_and_no_mark_covers_that_of_another_variant(open_report, width):
    page = open_report(width).page
    finished = 4 * 3 * 5 - 2
    for score in range(3):
        page.locator("#controls-rates select").select_option(str(score))
        found = dots(page)
        assert sum(map(len, found.values())) == finished
        places = [(name, x, y) for name, marks in found.items() for x, y in marks]
        apart = [
            abs(x - other_x) + abs(y - other_y) for name, x, y in places for other, other_x, other_y in places if other != name
        ]
        assert min(apart) > 4


def test_a_click_on_a_mark_shows_its_trial_and_the_command_that_trains_it_again(open_report, report_file):
    page = open_report(1400).page
    chart = page.locator("#chart-rates")
    chart.focus()
    page.keyboard.press("ArrowRight")
    told = page.locator("#chart-rates .tip").inner_text().splitlines()
    assert told[0] == "regression"
    rate, split, seed = re.fullmatch(r"learning rate (.*), split (\d+), seed (\d+)", told[1]).groups()
    page.keyboard.press("Enter")
    picked = page.locator(".picked")
    trial_id = picked.locator("p code").inner_text()
    trial = json.loads((report_file.parent / "trials" / f"{trial_id}.json").read_text())["trial"]
    assert (trial["variant"], trial["options"]["learning_rate"]) == ("regression", float(rate))
    assert (trial["split"], trial["seed"]) == (int(split), int(seed))
    command = picked.locator("pre code").inner_text()
    assert command.startswith("bench run ")
    assert "--variants regression " in command
    assert f"learning_rate={rate} " in command
    assert command.endswith(f"--seeds {int(seed) + 1}")
    ring = page.locator("#chart-rates .ring")
    at = [float(ring.get_attribute(name)) for name in ("cx", "cy")]
    page.keyboard.press("Escape")
    assert ring.count() == 0
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert picked.locator("p code").inner_text() != trial_id
    chart.click(position={"x": at[0], "y": at[1]})
    assert picked.locator("p code").inner_text() == trial_id


def test_the_legend_hides_and_shows_a_variant(open_report):
    page = open_report(1400).page
    button = page.locator("#controls-rates .legend button", has_text="ce-sigmoid")
    assert "ce-sigmoid" in dots(page)
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    assert "ce-sigmoid" not in dots(page)
    button.click()
    assert "ce-sigmoid" in dots(page)


def test_columns_can_be_hidden_and_the_view_is_in_the_address(open_report):
    page = open_report(1400).page
    box = page.locator(".tools[data-table=pairs]")
    box.locator("select").nth(0).select_option("NLL")
    box.locator("summary").click()
    box.get_by_label("B", exact=True).uncheck()
    page.keyboard.press("Escape")  # the list lies over the heads
    assert not box.locator("details").evaluate("one => one.open")
    heads = page.locator("#table-pairs thead th")
    at = next(number for number, text in enumerate(heads.all_text_contents()) if text.startswith("A - B"))
    heads.nth(at).locator("button").click()
    heads.nth(at).locator("button").click()
    shown = column(page, "pairs", at)
    address = page.evaluate("location.href")
    assert "#pairs?" in address
    again = open_report(1400, address=address).page
    assert column(again, "pairs", at) == shown
    assert set(column(again, "pairs", 0)) == {"NLL"}
    assert heads.nth(at).get_attribute("aria-sort") == "descending"
    visible = again.eval_on_selector_all("#table-pairs thead th:not([hidden])", "heads => heads.map(head => head.textContent)")
    assert "A" in visible
    assert "B" not in visible
    again.locator("nav a[href='#timing']").click()
    until(again, "location.hash.startsWith('#timing?')")
    assert set(column(again, "pairs", 0)) == {"NLL"}


def test_a_text_is_found_in_a_table(open_report):
    page = open_report(1400).page
    page.locator(".tools[data-table=leaderboard]").get_by_label("find").fill("ENSEMBLE")
    found = column(page, "leaderboard", 0)
    assert found
    assert all("ensemble" in name for name in found)


def test_the_csv_has_the_rows_and_columns_that_are_shown(open_report):
    page = open_report(1400).page
    box = page.locator(".tools[data-table=leaderboard]")
    box.locator("select").nth(2).select_option("0.1")
    box.locator("summary").click()
    box.get_by_label("engine").last.uncheck()
    with page.expect_download() as waiting:
        box.get_by_role("button", name="CSV").click()
    rows = list(csv.reader(io.StringIO(Path(waiting.value.path()).read_text())))
    assert "engine" not in rows[0]
    at = rows[0].index("learning rate")
    assert {row[at] for row in rows[1:]} == {"0.1"}
    assert [row[0] for row in rows[1:]] == column(page, "leaderboard", 0)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_first_column_stays_where_a_table_is_scrolled(open_report, width):
    page = open_report(width).page
    left = "document.querySelector('#table-recall tbody td').getBoundingClientRect().left"
    before = page.evaluate(left)
    page.evaluate("document.querySelector('.scroll:has(#table-recall)').scrollLeft = 200")
    assert page.evaluate(left) == pytest.approx(before, abs=1)


def test_tables_and_charts_take_the_width_of_a_wide_screen(open_report):
    page = open_report(1400).page
    for one in ("#table-leaderboard", "#chart-rates > svg", "#table-pairs"):
        assert page.locator(one).bounding_box()["width"] > 1300


def test_the_modules_stand_side_by_side_as_drawings(open_report):
    page = open_report(1400).page
    drawn = page.locator("#variants .diagram svg[role=img]")
    assert drawn.count() == 6
    tops = {round(drawn.nth(at).bounding_box()["y"]) for at in range(3)}
    assert len(tops) == 1
    assert "user" in drawn.first.locator("text").all_text_contents()


def test_the_charts_follow_the_colour_scheme_and_print_in_light(open_report):
    page = open_report(1400).page
    ink = "getComputedStyle(document.querySelector('#chart-rates .series.c0')).color"
    assert page.evaluate(ink) == "rgb(0, 114, 178)"
    page.emulate_media(color_scheme="dark")
    until(page, f"{ink} === 'rgb(74, 165, 234)'")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"
    page.emulate_media(media="print")
    assert page.evaluate(ink) == "rgb(0, 114, 178)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("nav").is_visible()


def test_a_hostile_name_shows_as_text_and_runs_nowhere(open_report):
    opened = open_report(1400)
    page = opened.page
    assert page.locator("#table-leaderboard td", has_text=HOSTILE).count() > 0
    assert HOSTILE in page.locator("#controls-rates .legend span").all_text_contents()
    page.locator("#controls-curves select").select_option(label=HOSTILE)
    page.wait_for_timeout(200)
    assert page.locator("script").count() == 2
    assert opened.said == []


def test_the_policy_stops_a_script_and_a_request_from_outside(open_report, report_file, tmp_path):
    page = tmp_path / "injected.html"
    inject = '<script>document.title = "ran"</script><img src="http://127.0.0.1:9/x.png"></body>'
    page.write_text(report_file.read_text().replace("</body>", inject))
    opened = open_report(1400, file=page)
    assert opened.page.title() == "Study demo"
    assert sum("Content Security Policy" in line for line in opened.said) >= 2


def test_the_command_is_copied(open_report):
    page = open_report(1400).page
    page.locator("#provenance .copy").click()
    until(page, "/Copied|Selected/.test(document.querySelector('#provenance .copy').textContent)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_serious(open_report, width, scheme):
    axe = (files("axe_playwright_python") / "axe.min.js").read_text()
    page = open_report(width, scheme).page
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    found = page.evaluate(axe + "; axe.run()")
    assert found["passes"]
    serious = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
    assert [(one["id"], one["nodes"][0]["html"]) for one in serious] == []
