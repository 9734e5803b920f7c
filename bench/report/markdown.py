"""The report as Markdown that GitHub shows: small functions from content to text."""

from collections.abc import Iterable
from itertools import chain

from bench.report.content import Cell, Code, Image, Report, Section, Table
from bench.report.escape import fenced, markdown


def report_markdown(report: Report) -> str:
    """The whole report, ``report.md``."""
    blocks = [f"# {markdown(report.title)}", markdown(report.subtitle)]
    blocks += chain.from_iterable(section_blocks(section) for section in report.sections)
    return "\n\n".join(block for block in blocks if block) + "\n"


def section_blocks(section: Section) -> list[str]:
    """A section as blocks that blank lines part."""
    blocks = [f"## {markdown(section.title)}", *map(markdown, section.sentences)]
    if section.items:
        blocks.append(_listed(section.items))
    for heading, items in section.groups:
        blocks += [f"**{markdown(heading)}**", _listed(items)]
    blocks += map(image, section.images)
    blocks += chain.from_iterable(table_blocks(table) for table in section.tables)
    blocks += [side_by_side(section.codes)] if section.side_by_side and len(section.codes) > 1 else map(code, section.codes)
    if section.links:
        blocks.append("More: " + ", ".join(f"[{name}]({name})" for name in section.links) + ".")
    return [*blocks, *map(markdown, section.notes)]


def _listed(items: Iterable[str]) -> str:
    return "\n".join(f"- {markdown(item)}" for item in items)


def table_blocks(table: Table) -> list[str]:
    """A caption and a table; columns that are the same throughout and need no room are told in the caption."""
    from tabulate import tabulate

    if not table.rows:
        return []
    left_out = {at: table.rows[0][at].text for at in sorted(table.same)}
    columns = [at for at in range(len(table.head)) if at not in left_out]
    rows = [[cell(row[at]) for at in columns] for row in table.rows]
    align = ["right" if at in table.numeric else "left" for at in columns]
    head = [markdown(table.head[at]) for at in columns]
    text = tabulate(rows, headers=head, tablefmt="github", colalign=align, disable_numparse=True)
    same = "; ".join(f"{table.head[at]}: {value}" for at, value in left_out.items())
    caption = f"{table.caption} ({same})" if same else table.caption
    return [f"**{markdown(caption)}**" if caption else "", text]


def cell(one: Cell) -> str:
    """A cell's text, bold where it is the best of its column."""
    return f"**{markdown(one.text)}**" if one.best else markdown(one.text)


def image(one: Image) -> str:
    """A figure of the folder ``figures``."""
    return f"![{markdown(one.alt)}](figures/{one.file})"


def code(one: Code) -> str:
    """A title and a block of code; the title alone where there is none."""
    if not one.text:
        return markdown(one.title)
    return f"{markdown(one.title.rstrip('.'))}:\n\n{fenced(one.text, one.language)}"


def side_by_side(codes: tuple[Code, ...]) -> str:
    """Blocks of code in the cells of one row: blank lines let GitHub read Markdown inside the HTML."""
    cells = [f'<td valign="top">\n\n{markdown(one.title)}\n\n{fenced(one.text, one.language)}\n\n</td>' for one in codes]
    return "<table><tr>\n" + "\n".join(cells) + "\n</tr></table>"
