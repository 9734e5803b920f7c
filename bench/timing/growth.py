"""'bench time --growth': how time and memory of a fit grow with the number of ratings."""

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from bench.harness.process import module_of_ours
from bench.study.environment import environment
from bench.timing.cases import Case
from cfce.datasets import load_dataset
from cfce.engines import ENGINES
from cfce.errors import FailedError, UserError
from cfce.options import TrainingOptions
from cfce.text import short

QUICK_SIZES = (2_000, 4_000)
RATINGS_A_STEP = 1_250
"""Batches grow with N: one N-th of this many, so that 100,000 ratings have batches of 64 (of their 80,000 in train)."""
VARIANT = "regression"
LIMIT = 24
"""Bytes a rating that a fit may need beside the model."""


@dataclass(frozen=True)
class Growth:
    """One fit at one size."""

    n: int
    case: Case
    batch_size: int
    epochs: int
    n_parameters: int
    fit_seconds: float
    peak_bytes: int
    """Of the whole process: Python, its libraries, the ratings and the fit."""
    own_bytes: int | None
    """Of split, fit and predictions beside the model and the shared ratings; None where the system does not tell."""

    @property
    def name(self) -> str:
        """How other files name this row."""
        return f"growth-{self.case.name}-{self.n}"

    @property
    def seconds_per_epoch(self) -> float:
        """Seconds of one epoch."""
        return self.fit_seconds / self.epochs

    @property
    def seconds_a_million(self) -> float:
        """Seconds of one epoch for each million ratings of the dataset."""
        return self.seconds_per_epoch / (self.n / 1e6)

    @property
    def peak_mb_a_million(self) -> float:
        """Peak memory of the process in MB (10^6 bytes) for each million ratings."""
        return self.peak_bytes / self.n

    @property
    def own_bytes_a_rating(self) -> float | None:
        """What the fit needs beside the model, in bytes a rating."""
        return None if self.own_bytes is None else self.own_bytes / self.n

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Growth":
        """The row that a child process printed, or that ``growth.json`` holds."""
        return cls(**{**content, "case": Case(**content["case"])})


@dataclass(frozen=True)
class GrowthResult:
    """One run of 'bench time --growth'."""

    created: str
    command: str
    environment: dict[str, Any]
    rows: tuple[Growth, ...]

    def to_json(self) -> dict[str, Any]:
        """The rows as plain JSON values."""
        return {
            "created": self.created,
            "command": self.command,
            "environment": self.environment,
            "growth": [asdict(row) for row in self.rows],
        }


def sizes_of(text: str) -> tuple[int, ...]:
    """Numbers of ratings from a list separated by commas, smallest first.

    >>> sizes_of("1000000, 100000")
    (100000, 1000000)
    """
    try:
        found = sorted({int(part) for part in text.replace("_", "").split(",")})
    except ValueError:
        raise UserError(f"--sizes {text} came; it is whole numbers separated by commas, such as 100000,1000000") from None
    if found[0] < 1_000:
        raise UserError(f"--sizes with {found[0]} came; time and memory a rating mean something from 1,000 ratings on")
    return tuple(found)


def measure_growth(
    sizes: Sequence[int], engines: Sequence[str] | None, *, command: str, log: Callable[[str], None]
) -> GrowthResult:
    """Fit one epoch at each size, each in a fresh process; the engine is ``fused`` unless others are named."""
    for engine in engines or ():
        ENGINES[engine]  # or it raises
    rows = []
    for n in sizes:
        load_dataset(f"synthetic-{n}", log=log)  # drawn here, so that drawing is in no peak
        for engine in dict.fromkeys(engines or ("fused",)):
            row = grow_in_child(n, Case(engine, VARIANT, "cpu"), TrainingOptions(epochs=1, batch_size=_batch_size(n)))
            log(f"{row.name}: {row.seconds_per_epoch:.3g} s an epoch, peak {row.peak_bytes / 1e6:.0f} MB")
            rows.append(row)
    return GrowthResult(datetime.now(UTC).isoformat(timespec="seconds"), command, environment(), tuple(rows))


def grow_in_child(n: int, case: Case, options: TrainingOptions) -> Growth:
    """One fit in a fresh process; ``FailedError`` with the last line that it printed where it fails."""
    load_dataset(f"synthetic-{n}", log=lambda line: None)
    request = json.dumps({"n": n, "case": asdict(case), "options": asdict(options)})
    command, variables = module_of_ours("bench.timing.growth_child", request)
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=variables)
    if done.returncode:
        last = short((done.stderr.strip().splitlines() or ["it printed nothing"])[-1])
        raise FailedError(f"the fit on synthetic-{n} ended with exit code {done.returncode}: {last}")
    return Growth.from_json(json.loads(done.stdout.splitlines()[-1]))


def _batch_size(n: int) -> int:
    return max(1, round(0.8 * n / RATINGS_A_STEP))
