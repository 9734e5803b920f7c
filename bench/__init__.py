"""Run, compare and report trainings of collaborative filtering variants."""

from bench.study import Study, load_study

__all__ = ["Study", "load_study"]
