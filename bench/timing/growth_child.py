"""One fit on ``synthetic-N`` in a process of its own: its seconds and its peak memory, as one line of JSON on stdout.

Run by ``bench.timing.growth``, whose own memory and caches must not count: ``python -m bench.timing.growth_child REQUEST``.
"""

import json
import sys
from dataclasses import asdict
from typing import Any

from bench.timing.cases import Case
from bench.timing.resident import peak_bytes, resident_bytes, restart_peak
from bench.timing.rounds import shortened, torch_threads
from cfce.datasets import load_dataset
from cfce.engines import ENGINES
from cfce.options import TrainingOptions
from cfce.splits import split_ratings

PROTOCOL = "random-80-10-10"
WARM_UP_RATINGS = 1_000
BYTES_A_PARAMETER = 16
"""float32 of the weight, its gradient and Adam's two averages: the model, beside which a fit's memory is counted."""


def grow(n: int, case: Case, options: TrainingOptions) -> dict[str, Any]:
    """Fit once and account for it.

    ``own_bytes`` is the peak of split, fit and predictions above what was resident before, less the model. The ratings are
    memory maps that loading has read through already, so they are in ``peak_bytes`` and not in ``own_bytes``: trials share them.
    """
    with torch_threads(1, case.uses_torch):
        small = split_ratings(load_dataset(f"synthetic-{WARM_UP_RATINGS}", log=_quiet), PROTOCOL, 0)
        (task,) = case.tasks(shortened(small, 128), TrainingOptions(epochs=1, batch_size=64, n_factors=options.n_factors))
        ENGINES[case.engine].fit(task, False)
        ratings = load_dataset(f"synthetic-{n}", log=_quiet)
        restarted = restart_peak()
        before = resident_bytes()
        fold = split_ratings(ratings, PROTOCOL, 0)
        (task,) = case.tasks(fold, options)
        fitted = ENGINES[case.engine].fit(task, False)
        peak = peak_bytes()
    own = None
    if restarted and before is not None and peak is not None:
        own = max(0, peak - before - BYTES_A_PARAMETER * fitted.n_parameters)
    return {
        "n": n,
        "case": asdict(case),
        "batch_size": options.batch_size,
        "epochs": options.epochs,
        "n_parameters": fitted.n_parameters,
        "fit_seconds": fitted.fit_seconds,
        "peak_bytes": peak if peak is not None else round(fitted.peak_memory_mb * 1e6),
        "own_bytes": own,
    }


def _quiet(line: str) -> None:
    """Progress is the parent's to tell; stdout holds the result alone."""


def main() -> None:
    """Read the request from the command line and print the result."""
    from bench.variants.plugins import load_parts

    request = json.loads(sys.argv[1])
    load_parts()
    print(json.dumps(grow(request["n"], Case(**request["case"]), TrainingOptions(**request["options"]))))


if __name__ == "__main__":
    main()
