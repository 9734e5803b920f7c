"""The study folder: a plan, its environment, and every trial's record and predictions."""

from bench.study.held_out import HeldOut
from bench.study.record import Record
from bench.study.study import Study, load_study

__all__ = ["HeldOut", "Record", "Study", "load_study"]
