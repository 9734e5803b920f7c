"""The pages of the built site in a real browser: axe finds nothing serious. Run by 'tox -e docs', which builds them."""

import os
from importlib.resources import files
from pathlib import Path

import pytest

SITE = Path(os.environ.get("CFCE_SITE", "")).resolve()
PAGES = (
    "index", "tutorial", "how-to/your-own-ratings", "reference/cli", "reference/metrics", "reference/api",
    "explanation/the-seed-lottery", "statistics", "project/reports", "genindex",
)  # fmt: skip
"""One of each kind, and those with wide tables, formulas and pictures."""
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif("CFCE_SITE" not in os.environ, reason="the site is built and checked by 'tox -e docs'"),
]


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (390, "dark")])
def test_axe_finds_nothing_serious_on_the_pages_of_the_site(browser, width, scheme):
    axe = (files("axe_playwright_python") / "axe.min.js").read_text()
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    serious = []
    for name in PAGES:
        page.goto((SITE / f"{name}.html").as_uri())
        found = page.evaluate(axe + "; axe.run(document, {resultTypes: ['violations']})")
        serious += [
            (name, one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"])
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]
    context.close()
    assert serious == []


@pytest.mark.parametrize("name", PAGES)
def test_no_page_of_the_site_is_wider_than_a_narrow_window(browser, name):
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto((SITE / f"{name}.html").as_uri())
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert wide == 390
