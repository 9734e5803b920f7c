"""Timings against those of an earlier run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.timing.benchmark_json import medians
from bench.timing.conditions import conditions_of
from cfce.errors import UserError


@dataclass(frozen=True)
class Slowdown:
    """A measurement that takes more than the threshold times what it took: its name, and new over old median."""

    name: str
    ratio: float


def read_timings(path: Path) -> tuple[dict[str, float], dict[str, Any]]:
    """Median seconds by name, and the conditions of the measurement, from a file of an earlier run."""
    try:
        content = json.loads(path.read_bytes())
        found, conditions = medians(content), conditions_of(content)
    except FileNotFoundError:
        raise UserError(f"there is no file '{path}'; pass the timing.json of an earlier 'bench time'") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(
            f"'{path}' holds no timings; pass a timing.json, growth.json or timing-benchmark.json of an earlier 'bench time'"
        ) from error
    if any(not 0 < seconds < float("inf") for seconds in found.values()):
        raise UserError(f"'{path}' holds a median that is no number of seconds above 0; pass the timings of another run")
    return found, conditions


def slowdowns(new: Mapping[str, float], old: Mapping[str, float], threshold: float) -> list[Slowdown]:
    """The measurements of both runs whose median grew by more than ``threshold`` (a ratio), worst first.

    >>> slowdowns({"a": 3.0, "b": 1.1, "c": 9.0}, {"a": 2.0, "b": 1.0}, threshold=1.2)
    [Slowdown(name='a', ratio=1.5)]
    """
    check_threshold(threshold)
    found = [Slowdown(name, new[name] / old[name]) for name in new if name in old and new[name] / old[name] > threshold]
    return sorted(found, key=lambda one: -one.ratio)


def check_threshold(threshold: float) -> None:
    """``UserError`` for a threshold that is not a ratio from 1 on."""
    if not threshold >= 1:
        raise UserError(f"--threshold {threshold:g} came; it is a ratio of new to old, 1 or above, such as 1.2")
