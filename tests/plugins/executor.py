"""The executor ``here``: every trial in the command's own process, one after the other, for a debugger or a profiler."""

from collections.abc import Generator, Sequence

from bench.harness.executor import Report, Setup
from bench.harness.fitting import Trainer, load_for
from bench.harness.outcome import Outcome
from bench.harness.unit import Unit
from bench.registry import Executor, register_executor


def run(units: Sequence[Unit], setup: Setup, report: Report) -> Generator[Outcome]:
    """The trainer makes a trial that raises a failed one; the parts are registered here already."""
    report(f"{sum(map(len, units))} trials run in this process, one after the other")
    trainer = Trainer(setup.ratings, report)
    for unit in units:
        load_for(unit[0])
        yield from trainer.fit(unit)


register_executor(Executor("here", "this process, one trial after the other: for a debugger or a profiler", run))
