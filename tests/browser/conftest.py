"""A real browser on a report from disk. These tests run under ``-m browser`` alone: ``tox -e browser``."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MAKER = Path(__file__).parent.parent / "bench" / "study_maker.py"
WIDTHS = (390, 1400)


def pytest_collection_modifyitems(config, items):
    if "browser" in (config.getoption("markexpr") or ""):
        return
    kept = [item for item in items if "browser" not in item.keywords]
    if len(kept) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if "browser" in item.keywords])
        items[:] = kept


@pytest.fixture(scope="session")
def report_file(tmp_path_factory) -> Path:
    """The page of a small study with troubles and a hostile name."""
    from bench.report import write_report

    spec = importlib.util.spec_from_file_location("study_maker", MAKER)
    maker = importlib.util.module_from_spec(spec)
    sys.modules["study_maker"] = maker
    spec.loader.exec_module(maker)
    study = maker.make_study(tmp_path_factory.mktemp("studies") / "demo", learning_rates=(5e-3, 3e-2, 0.1), n_rows=300)
    write_report(study)
    return study.path / "report.html"


@pytest.fixture(scope="session")
def browser():
    """Debian's chromium; where it or playwright is missing the tests are skipped, with the reason, but in CI they fail."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
    chromium = os.environ.get("CFCE_CHROMIUM", "/usr/bin/chromium")
    if not Path(chromium).exists():
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(f"no chromium at {chromium}: apt-get install chromium, or set CFCE_CHROMIUM")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


class Opened:
    """A page that is open, what its console said and what it asked for."""

    def __init__(self, page):
        self.page, self.said, self.requests = page, [], []
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self.requests.append(request.url))


@pytest.fixture
def open_report(browser, report_file):
    """Opens the report from disk at a width and in a colour scheme."""
    contexts = []

    def opened(width, scheme="light", file=report_file, address=None):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        found = Opened(context.new_page())
        found.page.goto(address or file.as_uri())
        found.page.wait_for_selector("#chart-timing > svg")
        return found

    yield opened
    for context in contexts:
        context.close()
