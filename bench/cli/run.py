"""``bench run``: train what is missing of a plan and write the report."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.data_flags import DataFlags, with_data_flags
from bench.cli.interrupt import Interrupted
from bench.cli.option_flags import AnyOption, read_options, with_option_flags
from bench.cli.options import (
    Debug,
    Plugin,
    Primary,
    Programs,
    Reference,
    command_line,
    names,
)
from bench.cli.terminal import tell_problems, unwritten
from cfce.errors import FailedError, UserError
from cfce.files import NO_ROOM
from cfce.text import printable

if TYPE_CHECKING:
    from bench.harness.progress import Detail
    from bench.study import Study

AUTOMATIC = "auto"

EXAMPLES = """Train every variant of a plan over learning rates and seeds, and write the report.

Running the same command again trains only what is missing; another plan in the same folder joins what is there.
Exit codes: 0 all well, 1 some trial failed, 2 bad input, 130 interrupted.

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
  bench run --engine fastai --preset quick --out reports/reference
  bench run --plugin my_variant.py --variants mine,ce
  bench run --program mine=fit.py --program theirs='Rscript fit.R'
"""


@with_data_flags
@with_option_flags
def run(
    preset: Annotated[str, typer.Option(help="quick, default or blog: the plan before other flags.")] = "default",
    protocol: Annotated[str | None, typer.Option(help="How the ratings are split, see 'bench list'.")] = None,
    variants: Annotated[str | None, typer.Option(help="Names separated by commas, see 'bench list'.")] = None,
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
    executor: Annotated[str, typer.Option(help="Where trials run, see 'bench list'.")] = "local",
    jobs: Annotated[int | None, typer.Option(help="Worker processes, one thread each. Default: as many as cores.")] = None,
    trial_timeout: Annotated[float, typer.Option(help="Seconds after which a trial counts as hung.")] = 3600.0,
    resume: Annotated[bool, typer.Option(help="Keep the finished trials of the folder, or set all aside.")] = True,
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

    from bench.harness.executor import EXECUTORS
    from bench.harness.progress import duration
    from bench.harness.run import HowToRun, run_plan
    from bench.harness.settings import Source
    from bench.plan.data_source import first_ratings
    from bench.plan.plan import BUILT_IN, Flags, make_plan
    from bench.plan.presets import PRESETS
    from bench.study.environment import cores
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
        options={**short_options, **read_options(option)},
        devices=names(devices),
        engine=engine,
    )
    plan = make_plan(flags)
    EXECUTORS[executor]  # or it raises
    n_jobs = checked_jobs(jobs) or cores()
    how = HowToRun(
        jobs=n_jobs,
        at_once=_checked_size(stack),
        trial_timeout=checked_timeout(trial_timeout),
        resume=resume,
        prepare=partial(load_parts, tuple(path.resolve() for path in plugins), programs),
        command=command_line(),
        source=Source(data.path, data.options),
        executor=executor,
        detail=_detail(quiet, verbose),
    )
    began = perf_counter()

    def log(line: str) -> None:
        console.print(printable(line), markup=False, highlight=False, soft_wrap=True)

    try:
        ratings = data.load((lambda line: None) if quiet else log)
        n_ratings = PRESETS[preset].n_ratings
        if n_ratings is not None:
            ratings = first_ratings(ratings, n_ratings)
        folder = out or Path("reports") / default_name(preset, data.dataset, data.path)
        answers: list[str] = []
        summary = run_plan(plan, ratings, folder, how, console, partial(write_report_of, tell=answers.append))
    except KeyboardInterrupt:
        raise Interrupted(f"interrupted; this resumes: {how.command}") from None
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise FailedError(f"{unwritten(error)}; the finished trials are safe; this resumes: {how.command}") from error
    kept = f", {summary.kept} kept" if summary.kept else ""
    ended = f"{summary.ok} ok, {summary.diverged} diverged, {summary.failed} failed{kept}"
    log(f"{summary.total} trials: {ended}, in {duration(perf_counter() - began)}")
    log(f"report: {folder / 'report.md'} and {folder / 'report.html'}")
    for sentence in answers:
        log(sentence)
    tell_problems(summary.problems)
    return 1 if summary.failed or summary.problems else 0


def write_report_of(study: "Study", tell: Callable[[str], None] | None = None) -> list[str]:
    """The report, imported when there is something to report; ``tell`` is called with its answer."""
    from bench.report import write_report

    return write_report(study, tell=tell)


def default_name(preset: str, dataset: str | None, data: Path | None) -> str:
    """The folder under ``reports/`` where no ``--out`` came.

    >>> default_name("default", None, None), default_name("quick", None, None), default_name("blog", "synthetic-1000", None)
    ('default', 'quick', 'blog-synthetic-1000')
    >>> default_name("default", None, Path("mine.csv"))
    'mine'
    >>> default_name("default", None, Path("ml-100k.csv"))  # a file of anybody's, whatever it is called
    'ml-100k'
    """
    from cfce.datasets import dataset_at

    source = dataset or ("ml-100k" if data is None else data.stem)
    safe = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in source).strip("-") or "data"
    if safe == "ml-100k" and (data is None or dataset_at(data).name == "ml-100k"):
        return preset
    return safe if preset == "default" else f"{preset}-{safe}"


def _detail(quiet: bool, verbose: bool) -> "Detail":
    if quiet and verbose:
        raise UserError("--quiet and --verbose came; they exclude each other")
    return "failures" if quiet else "lines" if verbose else "automatic"


def checked_jobs(jobs: int | None) -> int | None:
    """The number of workers; ``UserError`` for fewer than one."""
    if jobs is not None and jobs < 1:
        raise UserError(f"--jobs {jobs} came; it is a number of worker processes, 1 or above")
    return jobs


def checked_timeout(seconds: float) -> float:
    """The limit; ``UserError`` for one that is not above 0."""
    if not seconds > 0:
        raise UserError(f"--trial-timeout {seconds:g} came; it is a number of seconds above 0, such as 3600")
    return seconds


def _checked_size(stack: str) -> int | None:
    """Trials in one pass; None for automatic."""
    if stack == AUTOMATIC:
        return None
    if not stack.isdecimal() or int(stack) < 1:
        raise UserError(f"--stack {stack} came; it is a number of trials, 1 or above, or auto")
    return int(stack)
