"""A study as a cell of a notebook shows it: what it is of, its verdict, the board of its best rates, and links to its report."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

MOST_SENTENCES = 6
"""Sentences of the verdict that a cell shows."""


def study_html(
    facts: Mapping[str, str],
    sentences: Sequence[str],
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    files: Sequence[Path],
) -> str:
    """The HTML of a study; parts that are empty are left out, and every text is escaped.

    >>> study_html({"study": "a<b"}, [], [], [], [])
    '<table><tr><th>study</th><td>a&lt;b</td></tr></table>'
    """
    parts = [_table([], [(f"<th>{escape(name)}</th>", f"<td>{escape(text)}</td>") for name, text in facts.items()])]
    if sentences:
        told = "".join(f"<li>{escape(one)}</li>" for one in sentences[:MOST_SENTENCES])
        more = len(sentences) - MOST_SENTENCES
        parts.append(f"<ul>{told}</ul>" + (f"<p>{more} more in study.verdicts.</p>" if more > 0 else ""))
    if rows:
        cells = [[f"<th>{escape(row[0])}</th>", *(f"<td>{escape(text)}</td>" for text in row[1:])] for row in rows]
        parts.append(_table([f"<th>{escape(name)}</th>" for name in head], cells))
    if files:
        links = ", ".join(f'<a href="{escape(file.as_posix())}">{escape(file.name)}</a>' for file in files)
        parts.append(f"<p>{links}</p>")
    return "".join(parts)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f"<table><tr>{''.join(head)}</tr>{lines}</table>" if head else f"<table>{lines}</table>"
