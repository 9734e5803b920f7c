"""The site: Sphinx with MyST (the pages are Markdown that reads as well beside the code), furo, and the tutorial as it runs."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from site_parts import docstrings, pages  # noqa: E402 - found by the line above

project = "cfce-bench"
author = copyright = "The cfce-bench developers"
extensions = ["myst_nb", "sphinx.ext.autodoc"]
exclude_patterns = ["site_parts", "_build"]
html_theme = "furo"
html_title = "cfce-bench"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
smartquotes = False  # flags and code in prose keep their signs
html_show_sphinx = False
templates_path: list[str] = []

myst_enable_extensions: list[str] = []  # formulas are plain text: a page loads nothing, no renderer either
myst_heading_anchors = 4
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_in_temp = True
nb_execution_timeout = 300
nb_merge_streams = True

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "show-inheritance": False}


def setup(app):
    """Write the pages that are made from the code and from files elsewhere, and read docstrings as plain text."""
    app.connect("config-inited", lambda app, config: pages.write_all(HERE))
    app.connect("source-read", pages.relink)
    app.connect("html-page-context", pages.accessible, priority=900)  # after the theme has made its navigation
    app.connect("autodoc-process-docstring", docstrings.process)
