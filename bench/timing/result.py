"""What 'bench time' found: as a value, as JSON, and the ratios that follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.timing.cases import REFERENCE, Case
from bench.timing.fits import FitTiming
from bench.timing.floor import FloorTiming
from bench.timing.latency import LatencyTiming
from bench.timing.spread import Spread

FLOOR_NAME = "floor-dense-adam"


@dataclass(frozen=True)
class TimingResult:
    """One run of 'bench time': the rows, and where and on what they were measured."""

    created: str
    command: str
    environment: dict[str, Any]
    """As in a study: Python, machine, versions."""
    threads: int
    """Threads that torch and fastai had; the fused engine has one."""
    data: dict[str, Any]
    """dataset, fingerprint, protocol, split, n_train, n_users, n_items."""
    options: dict[str, Any]
    fits: tuple[FitTiming, ...]
    latencies: tuple[LatencyTiming, ...]
    floor: FloorTiming | None
    failed: Mapping[str, str] = field(default_factory=dict)
    """What could not be timed, by its name, and why."""

    def reference(self, case: Case) -> FitTiming | None:
        """The fastai engine's row with the same variant and device; None where it was not timed."""
        for fit in self.fits:
            if fit.case == Case(REFERENCE, case.variant, case.device):
                return fit
        return None

    def times_faster(self, fit: FitTiming) -> float | None:
        """How many times as fast as the fastai engine a case is, by the medians."""
        reference = self.reference(fit.case)
        return None if reference is None else reference.seconds.median / fit.seconds.median

    def times_floor(self, fit: FitTiming) -> float | None:
        """An epoch of the fused engine in floors; None for other engines, whose Adam is not that one."""
        if self.floor is None or fit.case.engine != "fused":
            return None
        return fit.seconds.median / self.floor.seconds.median

    def named(self) -> dict[str, Spread]:
        """Every measurement by its name."""
        found = {fit.case.name: fit.seconds for fit in self.fits} | {one.name: one.seconds for one in self.latencies}
        return found if self.floor is None else found | {FLOOR_NAME: self.floor.seconds}

    def to_json(self) -> dict[str, Any]:
        """The rows as plain JSON values, with the ratios beside them for other readers."""
        return {
            "created": self.created,
            "command": self.command,
            "environment": self.environment,
            "threads": self.threads,
            "data": self.data,
            "options": self.options,
            "fits": [
                {
                    "engine": fit.case.engine,
                    "variant": fit.case.variant,
                    "device": fit.case.device,
                    "stacked": fit.case.trials,
                    "seconds_per_epoch": fit.seconds.to_json(),
                    "ratings": fit.ratings,
                    "ratings_per_second": fit.ratings_per_second,
                    "n_parameters": fit.n_parameters,
                    "peak_memory_mb": fit.peak_memory_mb,
                    "times_faster_than_fastai": self.times_faster(fit),
                    "times_floor": self.times_floor(fit),
                }
                for fit in self.fits
            ],
            "latencies": [
                {
                    "engine": one.engine,
                    "variant": one.variant,
                    "device": one.device,
                    "batch": one.batch,
                    "seconds": one.seconds.to_json(),
                }
                for one in self.latencies
            ],
            "floor": None
            if self.floor is None
            else {
                "updates": self.floor.updates,
                "n_parameters": self.floor.n_parameters,
                "seconds": self.floor.seconds.to_json(),
            },
            "failed": dict(self.failed),
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "TimingResult":
        """The result that ``to_json`` wrote."""
        fits = tuple(
            FitTiming(
                Case(one["engine"], one["variant"], one["device"], one["stacked"]),
                Spread.from_json(one["seconds_per_epoch"]),
                one["ratings"],
                one["n_parameters"],
                one["peak_memory_mb"],
            )
            for one in content["fits"]
        )
        latencies = tuple(
            LatencyTiming(one["engine"], one["variant"], one["device"], one["batch"], Spread.from_json(one["seconds"]))
            for one in content["latencies"]
        )
        floor = content["floor"]
        return cls(
            **{name: content[name] for name in ("created", "command", "environment", "threads", "data", "options")},
            fits=fits,
            latencies=latencies,
            floor=floor and FloorTiming(floor["updates"], floor["n_parameters"], Spread.from_json(floor["seconds"])),
            failed=content.get("failed", {}),
        )
