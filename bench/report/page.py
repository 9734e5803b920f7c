"""The report as one page: no request, nothing from outside, every text escaped."""

import base64
import hashlib
from functools import cache
from importlib.resources import files

from bench.report.content import Report
from bench.report.escape import script_json


def report_page(report: Report) -> str:
    """The whole page, ``report.html``: its scripts are allowed by their hashes alone.

    Styles are allowed inline because plotly sets them as it draws; a style can load nothing, as every source is shut.
    """
    from jinja2 import Environment, PackageLoader
    from markupsafe import Markup

    environment = Environment(loader=PackageLoader("bench.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    plotly, script = _plotly(), _template("page.js")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_source(plotly)} {_source(script)}",
            "style-src 'unsafe-inline'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    return environment.get_template("page.html.jinja").render(
        report=report,
        policy=policy,
        style=Markup(_template("page.css")),
        plotly=Markup(plotly),
        script=Markup(script),
        charts=Markup(script_json(report.charts)),
    )


def _template(name: str) -> str:
    return (files("bench.report") / "templates" / name).read_text(encoding="utf-8")


@cache
def _plotly() -> str:
    """plotly.js as the Python package carries it; line ends as a browser reads them, so that the hash holds."""
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs()).replace("\r\n", "\n").replace("\r", "\n")


def _source(script: str) -> str:
    """A script's source expression for the Content-Security-Policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
