"""``results.csv``: the table of results, with text that no spreadsheet runs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench.report.escape import spreadsheet

if TYPE_CHECKING:
    import pandas as pd

TEXTS = ("trial_id", "variant", "engine", "device", "sampler", "dataset", "protocol", "status", "reason")


def results_csv(results: "pd.DataFrame") -> bytes:
    """The table as CSV in UTF-8."""
    return safe_csv(results, TEXTS)


def safe_csv(frame: "pd.DataFrame", texts: Sequence[str]) -> bytes:
    """A table as CSV: in the columns ``texts``, what could begin a formula gets an apostrophe, and a text has one line."""
    safe = frame.copy()
    for name in texts:
        safe[name] = [spreadsheet(" ".join(text.split())) if isinstance(text, str) else "" for text in frame[name]]
    return safe.to_csv(index=False, lineterminator="\n").encode(errors="backslashreplace")
