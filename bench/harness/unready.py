"""Variants that cannot be fitted here, known before any trial is: their trials fail with the reason, the others run."""

import contextlib
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

from bench.harness.outcome import Outcome
from bench.plan.trial import Trial
from bench.study.record import Record
from bench.variants.variant import VARIANTS
from cfce.errors import UserError
from cfce.text import short


def unready_variants(names: Iterable[str], log: Callable[[str], None]) -> dict[str, str]:
    """Make ready every variant of the names; those that cannot be, with why, which ``log`` is told."""
    found = {}
    for name in dict.fromkeys(names):
        try:
            VARIANTS[name].estimator.prepare(log)
        except (Exception, SystemExit) as error:  # an estimator of a plug-in may raise anything
            found[name] = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {short(error)}"
            log(f"{name} cannot be fitted here: {found[name]}")
    return found


def run_ready(trials: Sequence[Trial], unready: Mapping[str, str], run: Callable[[], Generator[Outcome]]) -> Generator[Outcome]:
    """A failed outcome for each trial of an unready variant, then those of ``run``; closing it closes them."""
    for trial in trials:
        if trial.variant in unready:
            yield Outcome(Record(trial, "failed", unready[trial.variant]))
    with contextlib.closing(run()) as outcomes:
        yield from outcomes
