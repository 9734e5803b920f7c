"""Across studies: one page on the studies of several datasets, and the file that says which studies to run."""

from bench.summary.write import write_summary

__all__ = ["write_summary"]
