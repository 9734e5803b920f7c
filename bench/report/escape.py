"""Untrusted text made harmless for each place it is put in: Markdown, spreadsheets, scripts, chart labels, file names."""

import json
import re
from typing import Any

MARKDOWN_SIGNS = re.compile(r"([\\`*_|#~]|\](?=[(\[:]))")
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def markdown(text: str) -> str:
    r"""Text that Markdown shows as it is, on one line: in a table cell, a sentence or a heading.

    >>> print(markdown("<script>alert(1)</script>|*x*"))
    &lt;script&gt;alert(1)&lt;/script&gt;\|\*x\*
    """
    plain = " ".join(text.split())
    plain = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return MARKDOWN_SIGNS.sub(r"\\\1", plain).replace("://", ":\u200b//")


def fenced(text: str, language: str = "") -> str:
    """A code block whose fence no run of backticks in the text can close.

    >>> print(fenced("a ``` b"))
    ````
    a ``` b
    ````
    """
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def spreadsheet(text: str) -> str:
    """Text that a spreadsheet shows and does not run: an apostrophe before what could begin a formula.

    >>> spreadsheet("=cmd()"), spreadsheet("ce")
    ("'=cmd()", 'ce')
    """
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def script_json(content: Any) -> str:
    r"""JSON that can stand inside a script element: nothing in it can end the element or begin another.

    >>> script_json({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def slug(text: str, taken: set[str]) -> str:
    """A file name for a text: letters, digits and hyphens, not yet in ``taken``, to which it is added.

    >>> taken = set()
    >>> slug("../ce (bootstrap)", taken), slug("ce bootstrap", taken)
    ('ce-bootstrap', 'ce-bootstrap-2')
    """
    base = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "variant"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    taken.add(name)
    return name
