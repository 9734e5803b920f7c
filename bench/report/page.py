"""The report as one page: no request, nothing from outside, every text escaped."""

import base64
import hashlib
from functools import cache
from importlib.resources import files

from bench.report.content import Report
from bench.report.drawings import drawings
from bench.report.escape import script_json

SCRIPTS = ("elements.js", "plane.js", "charts.js", "address.js", "tables.js", "start.js")
"""The parts of the page's script, in order."""


def report_page(report: Report) -> str:
    """The whole page, ``report.html``: its script and its style are allowed by their hashes alone."""
    from jinja2 import Environment, PackageLoader
    from markupsafe import Markup

    environment = Environment(loader=PackageLoader("bench.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["page"] = _beside
    script, style = page_script(), _part("page.css")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_source(script)}",
            f"style-src {_source(style)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    return environment.get_template("page.html.jinja").render(
        report=report,
        policy=policy,
        style=Markup(style),
        script=Markup(script),
        charts=Markup(script_json(report.charts)),
        drawings=lambda codes: [Markup(one) for one in drawings(codes)],
    )


def _beside(link: str) -> str:
    """The file that the page links to: of a report beside it, the page.

    >>> _beside("report-kfold-5.md"), _beside("timing.md")
    ('report-kfold-5.html', 'timing.md')
    """
    return f"{link.removesuffix('.md')}.html" if link.startswith("report") else link


@cache
def page_script() -> str:
    """The page's script: its parts in one function, so that nothing of them is global."""
    return '"use strict";\n(() => {\n' + "\n".join(map(_part, SCRIPTS)) + "})();\n"


@cache
def _part(name: str) -> str:
    """A file of the page, with line ends as a browser reads them, so that its hash holds."""
    text = (files("bench.report") / "templates" / "page" / name).read_text(encoding="utf-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _source(text: str) -> str:
    """The source expression of a script or style for the Content-Security-Policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
