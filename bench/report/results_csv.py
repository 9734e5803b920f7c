"""``results.csv``: the table of results, with text that no spreadsheet runs."""

from typing import TYPE_CHECKING

from bench.report.escape import spreadsheet

if TYPE_CHECKING:
    import pandas as pd

TEXTS = ("trial_id", "variant", "engine", "device", "sampler", "dataset", "protocol", "status", "reason")


def results_csv(results: "pd.DataFrame") -> bytes:
    """The table as CSV in UTF-8: text that could begin a formula gets an apostrophe before it, and a reason has one line."""
    safe = results.copy()
    for name in TEXTS:
        safe[name] = [spreadsheet(" ".join(text.split())) if isinstance(text, str) else "" for text in results[name]]
    return safe.to_csv(index=False, lineterminator="\n").encode()
