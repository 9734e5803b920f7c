"""Under which conditions timings were taken, and what two files can say of each other where these differ."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.timing.cases import REFERENCE, Case
from bench.timing.result import FLOOR_NAME, TimingResult
from cfce.errors import UserError

MACHINE = ("CPU", "cores")
"""What divides out of a ratio to another row of the same file; everything else changes what was timed."""

Conditions = Mapping[str, Any]


def conditions_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """What a file of timings says of its machine, data and options, by name; pytest-benchmark's layout says less.

    >>> conditions_of({"machine_info": {"cpu": {"brand_raw": "A", "count": 2}}, "benchmarks": []})
    {'CPU': 'A', 'cores': 2}
    """
    found: dict[str, Any] = {}
    if machine := content.get("environment"):
        found |= {"CPU": machine.get("cpu"), "cores": machine.get("cores")}
    elif cpu := content.get("machine_info", {}).get("cpu"):
        found |= {"CPU": cpu.get("brand_raw"), "cores": cpu.get("count")}
    rows = content.get("benchmarks") or [{}]
    source = {**content, **rows[0].get("extra_info", {})}
    if "threads" in source:
        found["threads"] = source["threads"]
    data = content.get("data", {})
    if dataset := data.get("dataset") or source.get("dataset"):
        found["data"] = dataset
    found |= {name: data[name] for name in ("fingerprint", "protocol", "split", "n_train") if name in data}
    return found | dict(content.get("options", {}))


def differing(new: Conditions, old: Conditions) -> dict[str, tuple[Any, Any]]:
    """The conditions that both name and that differ: name to (old, new)."""
    return {name: (old[name], new[name]) for name in new if name in old and old[name] != new[name]}


def refuse_other_conditions(path: object, new: Conditions, old: Conditions) -> None:
    """Raise ``UserError`` where data or options differ: the timings are of other work."""
    found = {name: pair for name, pair in differing(new, old).items() if name not in MACHINE}
    if found:
        told = "; ".join(f"{name} is {was} there and {now} here" for name, (was, now) in list(found.items())[:3])
        raise UserError(f"'{path}' was measured on other work: {told}; pass the same data and options, or another file")


def references(result: TimingResult) -> dict[str, tuple[str, ...]]:
    """The rows that each measurement can be a ratio to: fastai's of the same variant and device, then the floor."""
    floor = () if result.floor is None else (FLOOR_NAME,)
    fits = {
        fit.case.name: (Case(REFERENCE, fit.case.variant, fit.case.device).name, *(floor if fit.case.device == "cpu" else ()))
        for fit in result.fits
    }
    return fits | {one.name: floor if one.device == "cpu" else () for one in result.latencies}


def as_ratios(
    new: Mapping[str, float], old: Mapping[str, float], allowed: Mapping[str, Sequence[str]]
) -> tuple[dict[str, float], dict[str, float]]:
    """The measurements of both files by the first allowed row that both have; those without one are left out.

    >>> as_ratios({"a": 2.0, "f": 1.0, "b": 9.0}, {"a": 8.0, "f": 2.0, "b": 9.0}, {"a": ("f",), "f": ("f",), "b": ()})
    ({'a': 2.0}, {'a': 4.0})
    """
    ours, theirs = {}, {}
    for name in new:
        to = next((one for one in allowed.get(name, ()) if one != name and one in new and one in old), None)
        if to is not None and name in old:
            ours[name], theirs[name] = new[name] / new[to], old[name] / old[to]
    return ours, theirs
