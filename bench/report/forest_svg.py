"""The picture of an answer as an SVG file, for Markdown: the page draws the same values as a table."""

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from bench.comparison.scores import StudyScores
from bench.comparison.verdict import Verdict
from bench.report.content import Image
from bench.report.forest import Bar, Forest, forest_of
from bench.report.short_names import short_names
from cfce.files import write_whole

COLOURS = {"better": "#007050", "worse": "#ad4500", "equivalent": "#0072b2", "undecided": "#6e6e6e"}
WIDTH, NAMES, NUMBERS = 980, 310, 270
"""Pixels: the whole, the names at the left, the numbers at the right."""
ROW, HEAD, MARGIN = 24, 42, 12
LINE, MOST = 18, 42
"""Pixels further where the names of a pair need a line each, and letters of a line."""
READS = "Differences between the first and the second of each pair, with 95 % intervals and regions of equivalence"
"""What the picture shows, in words."""


def write_forest(folder: Path, figures: str, scores: StudyScores, verdicts: Sequence[Verdict]) -> dict[str, list[Image]]:
    """Write ``answer.svg`` into the folder of figures of a study, or take it away where there is nothing to draw.

    Gives the image by section; ``figures`` is the path of that folder below the study's.
    """
    forest = forest_of(scores, verdicts)
    path = folder / figures / "answer.svg"
    if forest is None:
        path.unlink(missing_ok=True)
        return {}
    write_whole(path, forest_svg(forest, READS).encode())
    return {"answer": [Image(path.relative_to(folder / "figures").as_posix(), READS)]}


def forest_svg(forest: Forest, title: str) -> str:
    """A panel a score, one below the other, and a row a pair in each; to the right the first of a pair is better."""
    panels = [(panel, [(a, b, bars[at]) for a, b, bars in forest.rows if bars[at]]) for at, panel in enumerate(forest.panels)]
    short = short_names((name for a, b, _ in forest.rows for name in (a, b)), MOST)
    in_two = any(len(f"{a} − {b}") > MOST for a, b, _ in forest.rows)
    row = ROW + LINE * in_two
    height = 2 * MARGIN + sum(HEAD + row * len(rows) for _, rows in panels)
    left, width = NAMES, WIDTH - NAMES - NUMBERS
    parts, top = [], MARGIN
    for panel, rows in panels:
        bottom = top + HEAD + row * len(rows)
        parts.append(_text(MARGIN, top + 22, f"{panel.label} ({panel.better} is better)", weight="600"))
        parts.append(_text(left + width / 4, top + 22, "second is better", "middle", "#525b64"))
        parts.append(_text(left + 3 * width / 4, top + 22, "first is better", "middle", "#525b64"))
        low, high = panel.region
        region = f'x="{left + low * width:.1f}" width="{(high - low) * width:.1f}"'
        parts.append(f'<rect {region} y="{top + 30}" height="{bottom - top - 34}" fill="#e3e8ec"/>')
        middle = left + width / 2
        parts.append(f'<line x1="{middle:.1f}" x2="{middle:.1f}" y1="{top + 30}" y2="{bottom - 4}" stroke="#525b64"/>')
        for number, (a, b, bar) in enumerate(rows):
            y = top + HEAD + row * number + 8
            lines = (short[a], f"− {short[b]}") if in_two else (f"{short[a]} − {short[b]}",)
            parts += [_text(MARGIN, y + 4 + LINE * at, line) for at, line in enumerate(lines)]
            if bar:
                parts += _drawn(bar, left, width, y + LINE * in_two // 2)
        top = bottom
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="#1a1f24"><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{"".join(parts)}</svg>\n'
    )


def _drawn(bar: Bar, left: float, width: float, y: float) -> list[str]:
    colour = COLOURS[bar.verdict]
    low, middle, high = (left + place * width for place in (bar.low, bar.middle, bar.high))
    return [
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="2.5"/>',
        f'<circle cx="{middle:.1f}" cy="{y}" r="5" fill="{colour}"/>',
        _text(left + width + 10, y + 4, f"{bar.text} {'' if bar.verdict == 'undecided' else bar.verdict}".strip(), colour=colour),
    ]


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = "#1a1f24", weight: str = "400") -> str:
    look = f'text-anchor="{anchor}" fill="{colour}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(text)}</text>'
