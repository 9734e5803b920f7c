"""What a report says, once: sections of sentences, tables and charts that Markdown and the page both render."""

import base64
from dataclasses import dataclass, field, replace
from typing import Any

from bench.report.forest import Forest
from bench.report.numbers import NONE


@dataclass(frozen=True)
class Cell:
    """A cell of a table: what is shown, and what it is sorted by."""

    text: str
    value: float | str | None = None
    """What a sort compares; the text where it is None."""
    best: bool = False
    """Whether it is the best of its column."""


@dataclass(frozen=True)
class Table:
    """A table; ``numeric`` tells the columns that are set to the right."""

    id: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int] = frozenset()
    filters: tuple[int, ...] = ()
    """The columns that the page can filter by."""
    sortable: bool = False
    wide_only: frozenset[int] = frozenset()
    """Columns that Markdown and a narrow page leave out where all rows hold the same."""

    @property
    def told(self) -> "Table":
        """The table without the columns in which no row has anything, but for the first."""
        kept = [at for at in range(len(self.head)) if not at or any(row[at].text != NONE for row in self.rows)]
        if not self.rows or len(kept) == len(self.head):
            return self
        place = {at: new for new, at in enumerate(kept)}
        return replace(
            self,
            head=tuple(self.head[at] for at in kept),
            rows=tuple(tuple(row[at] for at in kept) for row in self.rows),
            numeric=frozenset(place[at] for at in self.numeric if at in place),
            filters=tuple(place[at] for at in self.filters if at in place),
            wide_only=frozenset(place[at] for at in self.wide_only if at in place),
        )

    @property
    def same(self) -> frozenset[int]:
        """The columns that may be left out, as all rows hold the same."""
        return frozenset(at for at in self.wide_only if len({row[at].text for row in self.rows}) == 1)


@dataclass(frozen=True)
class Image:
    """A figure file in the folder ``figures``, beside what it shows in words."""

    file: str
    alt: str
    png: bytes = field(default=b"", repr=False, compare=False)
    """The file's content, which the page shows where the section has no chart."""

    @property
    def source(self) -> str:
        """The content as the source of an image on a page."""
        return f"data:image/png;base64,{base64.b64encode(self.png).decode()}"


@dataclass(frozen=True)
class Code:
    """A block of text that is shown as it is: a command, a diagram."""

    title: str
    text: str
    language: str = ""
    copy: bool = False
    """Whether the page offers to copy it."""


@dataclass(frozen=True)
class Section:
    """One part of a report."""

    id: str
    title: str
    sentences: tuple[str, ...] = ()
    """Paragraphs of plain text."""
    items: tuple[str, ...] = ()
    """A list of plain text after them."""
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Lists of plain text with a heading each."""
    forest: Forest | None = None
    """A picture that the page draws as a table instead of ``images``."""
    tables: tuple[Table, ...] = ()
    images: tuple[Image, ...] = ()
    """What Markdown shows."""
    chart: str | None = None
    """The chart that the page draws instead of ``images``."""
    codes: tuple[Code, ...] = ()
    side_by_side: bool = False
    """Whether Markdown sets the code blocks beside one another."""
    links: tuple[str, ...] = ()
    """Files beside the report that say more."""
    notes: tuple[str, ...] = ()
    """Sentences after the tables: how to read them."""


@dataclass(frozen=True)
class Report:
    """A whole report: a title, its sections, and the numbers that the charts draw."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    charts: dict[str, Any] = field(default_factory=dict)
    """By chart name: plain JSON values."""
