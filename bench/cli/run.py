"""``bench run``: train what is missing of a plan and write the report."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.data_flags import DataFlags, with_data_flags
from bench.cli.option_flags import AnyOption, all_options, with_option_flags
from bench.cli.options import Debug, Plugin, Primary, Programs, Reference, names
from bench.cli.terminal import tell_problems, where_report_is
from bench.cli.training import (
    Executor,
    Jobs,
    Keep,
    RayAddress,
    Resume,
    TrialTimeout,
    Variants,
    default_name,
    how_to_run,
    resumable,
    write_report_of,
)
from cfce.errors import UserError

if TYPE_CHECKING:
    from bench.harness.progress import Detail

AUTOMATIC = "auto"

EXAMPLES = """Train every variant of a plan over learning rates and seeds, and write the report.

Running the same command again trains only what is missing; another plan in the same folder joins what is there.
Exit codes: 0 all well, 1 some trial failed, 2 bad input, 130 interrupted, 143 terminated.

\b
Examples:
  bench run                     # the default plan on MovieLens 100k
  bench run --preset quick      # seconds: does everything work here?
  bench run --preset blog       # the published comparison, 20 seeds
  bench run --variants ce --learning-rates 5e-3,0.1 --seeds 30 --out reports/ce
  bench run --splits 5 --seeds 4 --out reports/five-splits
  bench run --seeds 10          # five more seeds in the same study
  bench run --primary ce,regression:nll --out reports/question
  bench run --option epochs=5,10 --variants ce --out reports/epochs
  bench run --data ratings.csv --scale 0.5:5:0.5
  bench run --dataset ml-32m --keep scores --batch-size 6400    # no predictions on disk
  bench run --engine fastai --preset quick --out reports/reference
  bench run --plugin my_variant.py --variants mine,ce
  bench run --program mine=fit.py --program theirs='Rscript fit.R'
"""


@with_data_flags
@with_option_flags
def run(
    preset: Annotated[str, typer.Option(help="quick, default or blog: the plan before other flags.")] = "default",
    protocol: Annotated[str | None, typer.Option(help="How the ratings are split, see 'bench list'.")] = None,
    variants: Variants = None,
    seeds: Annotated[int | None, typer.Option(help="How many seeds: 0 to N-1.")] = None,
    splits: Annotated[
        int | None, typer.Option(help="This many splits, each with as many seeds, instead of a split a seed.")
    ] = None,
    crossed: Annotated[
        bool, typer.Option("--crossed", help="With --splits: the same seeds in every split, not fresh ones.")
    ] = False,
    orders: Annotated[int | None, typer.Option(help="Cross this many batch orders too, instead of an order a seed.")] = None,
    primary: Primary = None,
    reference: Reference = None,
    option: AnyOption = None,
    devices: Annotated[str | None, typer.Option(help="cpu, cuda or both. Default: every device there is.")] = None,
    engine: Annotated[str | None, typer.Option(help="fastai, torch or fused. Default: the fastest that can.")] = None,
    stack: Annotated[str, typer.Option(help="Trials of the torch engine trained in one pass: a number or auto.")] = AUTOMATIC,
    executor: Executor = "local",
    ray_address: RayAddress = None,
    jobs: Jobs = None,
    trial_timeout: TrialTimeout = 3600.0,
    resume: Resume = True,
    keep: Keep = "predictions",
    plugin: Plugin = None,
    program: Programs = None,
    out: Annotated[Path | None, typer.Option(help="The study folder. Default: reports/NAME.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only what did not end well, and the last lines.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="A line for each trial instead of a bar.")] = False,
    debug: Debug = False,
    *,
    data: DataFlags,
    short_options: Mapping[str, tuple[str, ...]],
) -> int:
    """Train every variant of a plan over learning rates and seeds, and write the report."""
    from rich.console import Console

    from bench.harness.checking import few_users_note
    from bench.harness.progress import duration, logger
    from bench.harness.run import run_plan
    from bench.plan.data_source import first_ratings
    from bench.plan.plan import BUILT_IN, Flags, make_plan
    from bench.plan.presets import PRESETS
    from bench.variants.plugins import load_parts
    from bench.variants.programs import read_programs

    console = Console()
    plugins = tuple(plugin or ())
    programs = read_programs(program)
    load_parts(plugins, programs)
    flags = Flags(
        preset=preset,
        protocol=protocol,
        variants=(*(names(variants) or BUILT_IN), *(one.name for one in programs)) if programs else names(variants),
        seeds=seeds,
        splits=splits,
        orders=orders,
        crossed=crossed,
        primary=primary,
        reference=reference,
        options=all_options(short_options, option),
        devices=names(devices),
        engine=engine,
    )
    plan = make_plan(flags)
    how = how_to_run(
        executor,
        jobs,
        trial_timeout,
        resume,
        keep,
        plugins,
        programs,
        data,
        address=ray_address,
        at_once=_checked_size(stack),
        detail=_detail(quiet, verbose),
    )
    began = perf_counter()
    log = logger(console)
    with resumable(how.command):
        tell_ahead = (lambda line: None) if quiet else log
        ratings = data.load(tell_ahead)
        n_ratings = PRESETS[preset].n_ratings
        if n_ratings is not None:
            ratings = first_ratings(ratings, n_ratings)
        if note := few_users_note(ratings):
            tell_ahead(note)
        folder = out or Path("reports") / default_name(preset, data.dataset, data.path)
        answers: list[str] = []
        summary = run_plan(plan, ratings, folder, how, console, partial(write_report_of, tell=answers.append))
    kept = f", {summary.kept} kept" if summary.kept else ""
    ended = f"{summary.ok} ok, {summary.diverged} diverged, {summary.failed} failed{kept}"
    log(f"{summary.total} trials: {ended}, in {duration(perf_counter() - began)}")
    log(where_report_is(folder))
    for sentence in answers:
        log(sentence)
    tell_problems(summary.problems)
    return 1 if summary.failed or summary.problems else 0


def _detail(quiet: bool, verbose: bool) -> "Detail":
    if quiet and verbose:
        raise UserError("--quiet and --verbose came; they exclude each other")
    return "failures" if quiet else "lines" if verbose else "automatic"


def _checked_size(stack: str) -> int | None:
    """Trials in one pass; None for automatic."""
    if stack == AUTOMATIC:
        return None
    if not stack.isdecimal() or int(stack) < 1:
        raise UserError(f"--stack {stack} came; it is a number of trials, 1 or above, or auto")
    return int(stack)
