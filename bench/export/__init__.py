"""A study for other programs: tables, and the stores of experiment trackers."""

from bench.export.targets import TARGETS, Target

__all__ = ["TARGETS", "Target"]
