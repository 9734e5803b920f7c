"""The page in a real browser: it loads from disk, asks for nothing, sorts, filters, switches, and can be read by all."""

from importlib.resources import files

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
    for name in ("rates", "confusion", "reliability", "curves", "timing"):
        assert opened.page.locator(f"#chart-{name} svg.main-svg").count() > 0, name


@pytest.mark.parametrize("width", WIDTHS)
def test_no_name_is_broken_into_letters(open_report, width):
    page = open_report(width).page
    heights = page.eval_on_selector_all("main tbody tr:not([hidden])", "rows => rows.map(row => row.offsetHeight)")
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
    box = page.locator(".filters[data-table=leaderboard]")
    assert [text.split("\n")[0].strip() for text in box.locator("label").all_inner_texts()] == [
        "engine",
        "device",
        "learning rate",
    ]
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
        return page.locator("#chart-confusion .heatmap-label").all_text_contents()

    counts = cells()
    assert len(counts) == 25
    assert not any("%" in text for text in counts)
    page.locator("#controls-confusion").get_by_label("row percentages").check()
    until(page, "[...document.querySelectorAll('#chart-confusion .heatmap-label')].every(one => /%/.test(one.textContent))")
    shares = cells()
    assert abs(sum(float(text.split(" ")[0]) for text in shares[:5]) - 100) <= 3
    page.locator("#controls-confusion select").select_option(label="constant")
    until(page, "document.getElementById('chart-confusion').getAttribute('aria-label').startsWith('Confusion of constant')")
    assert [text for text in cells() if not text.startswith("0")] == ["100 %"] * 5


def test_the_learning_rates_show_every_trial_for_each_score(open_report):
    page = open_report(1400).page
    finished = 4 * 3 * 5 - 2
    for score in range(3):
        page.locator("#controls-rates select").select_option(str(score))
        page.wait_for_timeout(200)
        dots = page.evaluate(
            "document.getElementById('chart-rates').data.filter(one => one.mode === 'markers').map(one => one.y.length)"
        )
        assert sum(dots) == finished


def test_the_charts_follow_the_colour_scheme_and_print_in_light(open_report):
    page = open_report(1400).page
    ink = "document.getElementById('chart-rates').layout.font.color"
    light = page.evaluate(ink)
    page.emulate_media(color_scheme="dark")
    until(page, f"{ink} !== '{light}'")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(ink) == "#000000"
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("nav").is_visible()


def test_a_hostile_name_shows_as_text_and_runs_nowhere(open_report):
    opened = open_report(1400)
    page = opened.page
    assert page.locator("#table-leaderboard td", has_text=HOSTILE).count() > 0
    assert HOSTILE in page.locator("#chart-rates .legendtext").all_text_contents()
    page.locator("#controls-curves select").select_option(label=HOSTILE)
    page.wait_for_timeout(200)
    assert page.locator("script").count() == 3
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
