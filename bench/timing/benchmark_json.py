"""Timings in the JSON of pytest-benchmark, so that its own ``compare`` reads them."""

import math
from statistics import fmean, stdev
from typing import Any

from bench.timing.growth import Growth
from bench.timing.result import TimingResult
from bench.timing.spread import Spread

VERSION = "5.1.0"
"""The version of pytest-benchmark whose layout this is."""


def benchmark_json(result: TimingResult) -> dict[str, Any]:
    """The rows of a result as pytest-benchmark stores its own.

    Seconds are those of an epoch of one trial, of one prediction, or of the floor; outliers follow Tukey's fences (1.5 IQR).
    """
    machine = result.environment
    return {
        "machine_info": {
            "node": "",
            "processor": machine["cpu"],
            "machine": machine["platform"],
            "system": machine["platform"].split("-")[0],
            "python_version": machine["python"],
            "python_implementation": "CPython",
            "cpu": {"brand_raw": machine["cpu"], "count": machine["cores"]},
        },
        "commit_info": {"id": "unversioned", "time": None, "dirty": False, "project": "cfce-bench"},
        "benchmarks": [_row(result, name, seconds) for name, seconds in result.named().items()],
        "datetime": result.created,
        "version": VERSION,
    }


def medians(content: dict[str, Any]) -> dict[str, float]:
    """Median seconds by name from ``timing.json``, ``growth.json`` or pytest-benchmark's JSON; ``KeyError`` where it is none."""
    if "benchmarks" in content:
        return {row["name"]: float(row["stats"]["median"]) for row in content["benchmarks"]}
    if "growth" in content:
        return {row.name: row.seconds_per_epoch for row in map(Growth.from_json, content["growth"])}
    return {name: seconds.median for name, seconds in TimingResult.from_json(content).named().items()}


def _row(result: TimingResult, name: str, seconds: Spread) -> dict[str, Any]:
    group = next((group for group in ("prediction", "floor") if name.startswith(f"{group}-")), "epoch")
    return {
        "group": group,
        "name": name,
        "fullname": f"bench time::{name}",
        "params": None,
        "param": None,
        "extra_info": {"threads": result.threads, "dataset": result.data["dataset"]},
        "options": {
            "disable_gc": False,
            "timer": "perf_counter",
            "min_rounds": len(seconds.rounds),
            "max_time": 0.0,
            "min_time": 0.0,
            "warmup": True,
        },
        "stats": _stats(seconds),
    }


def _stats(seconds: Spread) -> dict[str, Any]:
    rounds = sorted(seconds.rounds)
    mean, spread = fmean(rounds), stdev(rounds) if len(rounds) > 1 else 0.0
    low, high = seconds.q1 - 1.5 * seconds.iqr, seconds.q3 + 1.5 * seconds.iqr
    outside_iqr = sum(not low <= one <= high for one in rounds)
    outside_stddev = sum(not mean - spread <= one <= mean + spread for one in rounds)
    inside = [one for one in rounds if low <= one <= high]
    return {
        "min": rounds[0],
        "max": rounds[-1],
        "mean": mean,
        "stddev": spread,
        "rounds": len(rounds),
        "median": seconds.median,
        "iqr": seconds.iqr,
        "q1": seconds.q1,
        "q3": seconds.q3,
        "iqr_outliers": outside_iqr,
        "stddev_outliers": outside_stddev,
        "outliers": f"{outside_stddev};{outside_iqr}",
        "ld15iqr": inside[0],
        "hd15iqr": inside[-1],
        "ops": 1 / mean if mean else math.inf,
        "total": sum(rounds),
        "iterations": 1,
        "data": list(seconds.rounds),
    }
