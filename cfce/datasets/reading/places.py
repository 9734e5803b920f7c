"""Where in a file a row stands: its line in text, its row in Parquet."""

import contextlib
import csv
import io
from collections.abc import Iterator

from cfce.datasets.reading.lines import Feed, blocks
from cfce.datasets.reading.plan import ReadingPlan


def place_of(plan: ReadingPlan, row: int) -> str:
    """Where the row number ``row`` (from 0) stands, counted from 1 and read again from the file."""
    if plan.separator is None:
        return f"'{plan.source}', row {row + 1}"
    with contextlib.suppress(csv.Error):  # a field longer than Python's reader takes
        for number, line in enumerate(_lines_of_rows(plan)):
            if number == row:
                return f"'{plan.source}', line {line}"
    return f"'{plan.source}', row {row + 1}"


def _lines_of_rows(plan: ReadingPlan) -> Iterator[int]:
    """The line on which each row ends; blank lines are no rows, and a quoted value may hold line breaks."""
    with plan.source.open() as stream:
        ends = "\n" if plan.separator == "\n" else ""  # JSON lines end there alone, text with separators also in a return
        text = io.TextIOWrapper(io.BufferedReader(Feed(blocks(stream, plan.encoding))), encoding="utf-8", newline=ends)
        for _ in range(plan.skip):
            text.readline()
        if not plan.quoted:
            blank = "\r\n" if plan.separator == "\t" else None  # a line of tabs is a row of blank fields
            for number, line in enumerate(text, plan.skip + 1):
                if line.strip(blank):
                    yield number
            return
        reader = csv.reader(text, delimiter=plan.separator or ",")
        for fields in reader:
            if fields:
                yield plan.skip + reader.line_num
