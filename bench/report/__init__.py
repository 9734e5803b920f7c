"""The report of a study: Markdown, figures, a page and a table, all from the same values."""

from bench.report.write import write_report

__all__ = ["write_report"]
