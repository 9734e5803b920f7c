"""'bench time' without its flags: time every case on one fold, and write what was found."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.study.environment import environment
from bench.timing.apart import Apart
from bench.timing.benchmark_json import benchmark_json
from bench.timing.cases import Case, is_foreign
from bench.timing.fits import Budget, time_fits
from bench.timing.floor import FloorTiming, bare_adam
from bench.timing.latency import BATCHES, models_of, time_latency
from bench.timing.result import TimingResult
from bench.timing.spread import Spread
from bench.timing.table import timing_markdown
from bench.variants.plugins import load_parts
from cfce.batches import n_batches
from cfce.errors import FailedError, UserError
from cfce.files import write_whole
from cfce.options import TrainingOptions
from cfce.splits import Fold

LATENCY_ROUNDS = 20


def measure(
    cases: Sequence[Case],
    fold: Fold,
    options: TrainingOptions,
    *,
    budget: Budget,
    threads: int,
    command: str,
    log: Callable[[str], None],
    batches: Sequence[int] = BATCHES,
    prepare: Callable[[], None] = load_parts,
    patience: float = 3600.0,
) -> TimingResult:
    """Time the epochs of every case, the predictions of every model, and the floor of the fused engine.

    Code of plug-ins is timed in a process that ``prepare`` registers parts in; what fails there, or takes more than
    ``patience`` seconds a trial, is said in the result. ``FailedError`` where no case can be timed.
    """
    check_threads(threads)
    sizes = (fold.ratings.n_users, fold.ratings.n_items)
    updates, n_parameters = n_batches(len(fold.train), options.batch_size), sum(sizes) * (options.n_factors + 1)
    floor_rounds: list[float] = []
    beside: Callable[[], None] = lambda: None  # noqa: E731 - the fused engine's floor, or nothing
    if any(case.engine == "fused" for case in cases):
        run = bare_adam(updates, n_parameters)
        run()
        beside = lambda: floor_rounds.append(run())  # noqa: E731
    own = [case for case in cases if not is_foreign(case)]
    with Apart(fold, options, threads, prepare, patience, log) as apart:
        fits = time_fits(cases, fold, options, budget, threads, log, beside, apart)
        latencies = time_latency(own, fold, options, LATENCY_ROUNDS, threads, batches)
        for model in models_of([fit.case for fit in fits if fit.case not in own]):
            latencies += apart.latencies(model, LATENCY_ROUNDS, batches)
    if not fits:
        raise FailedError(f"no case can be timed; {next(iter(apart.failed))}: {next(iter(apart.failed.values()))}")
    return TimingResult(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        environment=environment(tuple(dict.fromkeys(case.device for case in cases))),
        threads=threads,
        data=about_fold(fold),
        options=asdict(options),
        fits=tuple(fits),
        latencies=tuple(latencies),
        floor=FloorTiming(updates, n_parameters, Spread(tuple(floor_rounds))) if floor_rounds else None,
        failed=apart.failed,
    )


def about_fold(fold: Fold) -> dict[str, Any]:
    """What a file of timings says of its data."""
    ratings = fold.ratings
    return {
        "dataset": ratings.name,
        "fingerprint": ratings.fingerprint,
        "protocol": fold.protocol,
        "split": fold.split,
        "n_train": len(fold.train),
        "n_users": ratings.n_users,
        "n_items": ratings.n_items,
    }


def check_threads(threads: int) -> None:
    """``UserError`` for a number of threads that is no count."""
    if threads < 1:
        raise UserError(f"--threads {threads} came; it is a count, 1 or above")


def write_timing(result: TimingResult, folder: Path) -> list[Path]:
    """Write ``timing.json``, ``timing-benchmark.json`` (pytest-benchmark's layout) and ``timing.md``; gives their paths."""
    contents = {
        "timing.json": json.dumps(result.to_json(), indent=1) + "\n",
        "timing-benchmark.json": json.dumps(benchmark_json(result), indent=1) + "\n",
        "timing.md": timing_markdown(result),
    }
    try:
        for name, text in contents.items():
            write_whole(folder / name, text.encode())
    except OSError as error:
        raise UserError(f"timings cannot be written to '{folder}': {error.strerror}; choose another --out") from error
    return [folder / name for name in contents]
