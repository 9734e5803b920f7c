"""``bench time``: how fast the engines are here, and how that grows with the data."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.cli.data_flags import DataFlags, with_data_flags
from bench.cli.options import Debug, Plugin, command_line, names
from bench.cli.terminal import show, tell
from bench.cli.training import TrialTimeout, check_timeout
from cfce.errors import UserError
from cfce.files import check_writable

QUICK_RATINGS = 4_000

EXAMPLES = """Time every engine, variant and device on the same data, beside the fastai engine and the floor of dense Adam.

With --compare, exit code 1 says that something became slower than the threshold allows. A file of other data or options is
refused; one of another CPU is compared as ratios to its own row of fastai or of the floor.

\b
Examples:
  bench time
  bench time --engines fused,torch --variants regression --rounds 10
  bench time --out reports/default               timings for that study's report
  bench time --compare reports/timing/timing.json --threshold 1.2 --out reports/timing-new
  bench time --growth                            synthetic-N for N = 100,000 to 10 million
"""


@with_data_flags
def time(
    protocol: Annotated[str, typer.Option(help="How the ratings are split, see 'bench list'.")] = "random-80-10-10",
    variants: Annotated[str, typer.Option(help="Names separated by commas.")] = "regression,ce-sigmoid,ce",
    engines: Annotated[str | None, typer.Option(help="fastai, torch, fused. Default: all.")] = None,
    devices: Annotated[str | None, typer.Option(help="cpu, cuda or both. Default: every device there is.")] = None,
    rounds: Annotated[
        int | None, typer.Option(help="Fits of each case; median and quartiles are over them. Default: 5, with --quick 1.")
    ] = None,
    budget: Annotated[float, typer.Option(help="Seconds after which a case gets no round beyond its third.")] = 60.0,
    epochs: Annotated[int, typer.Option(help="Epochs of a fit.")] = 5,
    batch_size: Annotated[int, typer.Option(help="Ratings a step.")] = 64,
    factors: Annotated[int, typer.Option(help="Latent factors of a user or an item.")] = 50,
    threads: Annotated[int, typer.Option(help="Threads of torch and fastai; 1 is what 'bench run' gives a trial.")] = 1,
    quick: Annotated[bool, typer.Option("--quick", help="A slice of the data, one epoch: to see that it works.")] = False,
    growth: Annotated[bool, typer.Option("--growth", help="Time and memory over N instead, on drawn ratings.")] = False,
    sizes: Annotated[str, typer.Option(help="With --growth: the numbers of ratings.")] = "100000,1000000,10000000",
    compare: Annotated[Path | None, typer.Option(help="A timing.json of an earlier run to compare with.")] = None,
    threshold: Annotated[float, typer.Option(help="With --compare: new over old median that counts as slower.")] = 1.2,
    trial_timeout: TrialTimeout = 3600.0,
    plugin: Plugin = None,
    out: Annotated[Path, typer.Option(help="Where timing.json, timing.md and more go; a study folder shows them.")] = Path(
        "reports/timing"
    ),
    debug: Debug = False,
    *,
    data: DataFlags,
) -> int:
    """Time every engine, variant and device on the same data, beside the fastai engine and the floor of dense Adam."""
    from bench.study.environment import environment
    from bench.timing.conditions import as_ratios, conditions_of, differing, references, refuse_other_conditions
    from bench.timing.slowdown import check_threshold, read_timings, slowdowns
    from bench.variants.plugins import load_parts

    check_threshold(threshold)
    plugins = tuple(path.resolve() for path in plugin or ())
    load_parts(plugins)
    check_timeout(trial_timeout)
    failed = False
    old, then = ({}, {}) if compare is None else read_timings(compare)
    allowed: dict[str, tuple[str, ...]] = {}
    now: dict[str, Any] = {"environment": environment()}
    if growth:
        from bench.timing.growth import QUICK_SIZES, measure_growth, sizes_of
        from bench.timing.growth_report import write_growth

        checked = sizes_of(sizes)
        _check_out(out)
        found = measure_growth(QUICK_SIZES if quick else checked, names(engines), command=command_line(), log=tell)
        written, text, new = write_growth(found, out)
    else:
        from bench.plan.data_source import first_ratings
        from bench.timing.cases import cases_of
        from bench.timing.fits import Budget
        from bench.timing.measure import about_fold, check_threads, measure, write_timing
        from bench.timing.table import timing_markdown
        from cfce.options import TrainingOptions
        from cfce.splits import split_ratings

        cases = cases_of(names(engines), names(variants) or (), names(devices))
        check_threads(threads)
        options = TrainingOptions(epochs=1 if quick else epochs, batch_size=batch_size, n_factors=factors)
        n_rounds = rounds if rounds is not None else 1 if quick else 5
        limits = Budget(n_rounds, budget, n_rounds if quick else 3)
        ratings = data.load(tell)
        fold = split_ratings(first_ratings(ratings, QUICK_RATINGS) if quick else ratings, protocol, 0)
        now |= {"threads": threads, "data": about_fold(fold), "options": asdict(options)}
        if compare is not None:
            refuse_other_conditions(compare, conditions_of(now), then)
        _check_out(out)
        result = measure(
            cases,
            fold,
            options,
            budget=limits,
            threads=threads,
            command=command_line(),
            log=tell,
            prepare=partial(load_parts, plugins),
            patience=trial_timeout,
        )
        failed = bool(result.failed)
        written, text = write_timing(result, out), timing_markdown(result)
        new = {name: seconds.median for name, seconds in result.named().items()}
        allowed = references(result)
    show(text)
    show("written: " + ", ".join(map(str, written)))
    if compare is None:
        return 1 if failed else 0
    changed = differing(conditions_of(now), then)
    n_new = len(new)
    if changed:
        told = " and ".join(f"the {name} was {was} and is {value}" for name, (was, value) in changed.items())
        new, old = as_ratios(new, old, allowed)
        if not new:
            raise UserError(
                f"'{compare}' is of another machine ({told}), and the two share no row of fastai or the floor to compare ratios "
                "to; time --engines fastai and fused in both, or pass a file of this machine"
            )
        show(f"{told}: compared as ratios to the row of fastai, or else of the floor, in each file")
    slower = slowdowns(new, old, threshold)
    for one in slower:
        show(f"slower: {one.name} takes {one.ratio:.2f} times what it took (allowed: {threshold:g})")
    both = len(new.keys() & old.keys())
    show(f"compared {both} measurements with '{compare}': {len(slower)} slower; {n_new - both} are not compared")
    return 1 if slower or failed else 0


def _check_out(out: Path) -> None:
    """Raise ``UserError`` where the folder cannot be written: before the minutes of measuring, not after."""
    try:
        check_writable(out)
    except OSError as error:
        raise UserError(f"timings cannot be written to '{out}' ({error.strerror}); pass another --out") from error
