"""The built site: its links lead somewhere, and the tutorial has its pictures. Built by 'tox -e docs'."""

import os
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

SITE = Path(os.environ.get("CFCE_SITE", ""))
pytestmark = pytest.mark.skipif("CFCE_SITE" not in os.environ, reason="the site is built and checked by 'tox -e docs'")


class Page(HTMLParser):
    """The links and the names of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.add(value)
            elif name in ("id", "name") and value:
                self.names.add(value)


@pytest.fixture(scope="module")
def pages() -> dict[Path, Page]:
    found = {}
    for path in SITE.rglob("*.html"):
        page = Page()
        page.feed(path.read_text(encoding="utf-8"))
        found[path.resolve()] = page
    return found


def test_every_link_within_the_site_leads_to_a_file_and_a_place_in_it(pages: dict[Path, Page]) -> None:
    """Links of the tutorial's outputs to files of its study are those of a folder that was there while it ran."""
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or parts.path.startswith("reports/tutorial/"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            place = parts.fragment
            if not target.is_file() or (place and target in pages and unquote(place) not in pages[target].names):
                broken.append(f"{path.relative_to(SITE.resolve())}: {link}")
    assert broken == []
    assert len(pages) > 20


def test_the_site_loads_nothing_from_elsewhere(pages: dict[Path, Page]) -> None:
    loading = re.compile(
        r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?(?:https?:)?//|<link\b[^>]*rel="stylesheet"[^>]*href="http"""
    )
    assert loading.search('<script defer="defer" src="https://a.b/c.js"></script>')
    assert [path.name for path in pages if loading.search(path.read_text(encoding="utf-8"))] == []


def test_code_and_tables_that_scroll_take_the_focus(pages: dict[Path, Page]) -> None:
    text = "".join(
        (SITE / f"{page}.html").read_text(encoding="utf-8") for page in ("statistics", "how-to/your-own-ratings", "tutorial")
    )
    assert '<pre tabindex="0">' in text
    assert '<div tabindex="0" class="table-wrapper' in text
    assert not re.search(r"<pre(?! tabindex)", text)
    assert '<div class="table-wrapper' not in text


def test_a_caption_that_is_marked_as_a_heading_tells_its_level(pages: dict[Path, Page]) -> None:
    marked = "".join(path.read_text(encoding="utf-8") for path in pages)
    assert 'role="heading" aria-level="2"' in marked
    assert 'role="heading">' not in marked


def test_the_tutorial_ran_with_a_verdict_and_each_figure_of_the_report() -> None:
    text = (SITE / "tutorial.html").read_text(encoding="utf-8")
    assert text.count('<img alt="_images/') == 4 or text.count('src="_images/') == 4
    assert "95 % interval" in text
    assert "30 of 30 trials" in text
    assert "Traceback" not in text
