"""``bench run``: train what is missing of a plan and write the report."""

from pathlib import Path
from typing import Annotated

import typer

from bench.cli.options import (
    Data,
    Dataset,
    Debug,
    ItemKey,
    Plugin,
    Scale,
    check_item_key,
    command_line,
    names,
    numbers,
    rating_scale,
)
from cfce.errors import UserError

AUTOMATIC = "auto"

EXAMPLES = """Train every variant of a plan over learning rates and seeds, and write the report.

Running the same command again trains only what is missing. Exit codes: 0 all well, 1 some trial failed,
2 bad input, 130 interrupted.

\b
Examples:
  bench run                     # the default plan on MovieLens 100k
  bench run --preset quick      # seconds: does everything work here?
  bench run --preset blog       # the published comparison, 20 seeds
  bench run --variants ce --learning-rates 5e-3,0.1 --seeds 30 --out reports/ce
  bench run --splits 5 --seeds 4 --out reports/crossed
  bench run --data ratings.csv --scale 0.5,1,1.5,2,2.5,3,3.5,4,4.5,5
  bench run --engine fastai --preset quick --out reports/reference
  bench run --plugin my_variant.py --variants mine,ce
"""


def run(
    preset: Annotated[str, typer.Option(help="quick, default or blog: the plan before other flags.")] = "default",
    dataset: Dataset = None,
    data: Data = None,
    protocol: Annotated[str | None, typer.Option(help="How the ratings are split, see 'bench list'.")] = None,
    variants: Annotated[str | None, typer.Option(help="Names separated by commas, see 'bench list'.")] = None,
    learning_rates: Annotated[str | None, typer.Option(help="Peaks of the schedule, such as 5e-3,0.1.")] = None,
    seeds: Annotated[int | None, typer.Option(help="How many seeds: 0 to N-1.")] = None,
    splits: Annotated[int | None, typer.Option(help="Cross this many splits with the seeds, instead of a split a seed.")] = None,
    orders: Annotated[int | None, typer.Option(help="Cross this many batch orders too, instead of an order a seed.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training ratings.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Ratings a step.")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Decoupled weight decay.")] = None,
    factors: Annotated[int | None, typer.Option(help="Latent factors of a user or an item.")] = None,
    sampler: Annotated[str | None, typer.Option(help="permutation, bootstrap, or both separated by a comma.")] = None,
    scale: Scale = None,
    item_key: ItemKey = "title",
    devices: Annotated[str | None, typer.Option(help="cpu, cuda or both. Default: every device there is.")] = None,
    engine: Annotated[str | None, typer.Option(help="fastai, torch or fused. Default: the fastest that can.")] = None,
    stack: Annotated[str, typer.Option(help="Trials of the torch engine trained in one pass: a number or auto.")] = AUTOMATIC,
    jobs: Annotated[int | None, typer.Option(help="Worker processes, one thread each. Default: as many as cores.")] = None,
    trial_timeout: Annotated[float, typer.Option(help="Seconds after which a trial counts as hung.")] = 3600.0,
    resume: Annotated[bool, typer.Option(help="Keep the finished trials of the folder, or set all aside.")] = True,
    plugin: Plugin = None,
    out: Annotated[Path | None, typer.Option(help="The study folder. Default: reports/NAME.")] = None,
    debug: Debug = False,
) -> int:
    """Train every variant of a plan over learning rates and seeds, and write the report."""
    from rich.console import Console

    from bench.harness.run import HowToRun, run_plan
    from bench.plan import Flags, make_plan
    from bench.plugins import load_variants
    from bench.presets import preset_named
    from bench.slicing import first_ratings, load_ratings
    from bench.study.environment import cores

    console = Console()
    plugins = tuple(plugin or ())
    check_item_key(item_key)
    if dataset is not None and data is not None and dataset != "ml-100k":
        raise UserError(f"--dataset {dataset} and --data {data} came; pass one of them")
    load_variants(plugins)
    flags = Flags(
        preset=preset,
        protocol=protocol,
        variants=names(variants),
        learning_rates=numbers(learning_rates, "learning rate", "a finite number above 0, such as 5e-3"),
        seeds=seeds,
        splits=splits,
        orders=orders,
        epochs=epochs,
        batch_size=batch_size,
        weight_decay=weight_decay,
        n_factors=factors,
        samplers=names(sampler),
        devices=names(devices),
        engine=engine,
    )
    plan = make_plan(flags)
    n_jobs = _checked_jobs(jobs) or cores()
    how = HowToRun(
        jobs=n_jobs,
        stack=_checked_stack(stack),
        trial_timeout=_checked_timeout(trial_timeout),
        resume=resume,
        plugins=tuple(path.resolve() for path in plugins),
        command=command_line(),
        data=data,
        item_key=item_key,
    )

    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    try:
        ratings = load_ratings(dataset or "ml-100k", item_key=item_key, path=data, say=say, scale=rating_scale(scale, data))
        n_ratings = preset_named(preset).n_ratings
        if n_ratings is not None:
            ratings = first_ratings(ratings, n_ratings)
        folder = out or Path("reports") / default_name(preset, dataset, data)
        summary = run_plan(plan, ratings, folder, how, console)
    except KeyboardInterrupt:
        typer.echo(f"interrupted; this resumes: {how.command}", err=True)
        return 130
    kept = f", {summary.kept} kept" if summary.kept else ""
    say(f"{summary.total} trials: {summary.ok} ok, {summary.diverged} diverged, {summary.failed} failed{kept}")
    say(f"report: {folder / 'report.md'} and {folder / 'report.html'}")
    return 1 if summary.failed else 0


def default_name(preset: str, dataset: str | None, data: Path | None) -> str:
    """The folder under ``reports/`` where no ``--out`` came.

    >>> default_name("default", None, None), default_name("quick", None, None), default_name("blog", "synthetic-1000", None)
    ('default', 'quick', 'blog-synthetic-1000')
    >>> default_name("default", None, Path("mine.csv"))
    'mine'
    """
    source = dataset or ("ml-100k" if data is None else data.stem)
    safe = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in source).strip("-") or "data"
    if safe == "ml-100k":
        return preset
    return safe if preset == "default" else f"{preset}-{safe}"


def _checked_jobs(jobs: int | None) -> int | None:
    if jobs is not None and jobs < 1:
        raise UserError(f"--jobs {jobs} came; it is a number of worker processes, 1 or above")
    return jobs


def _checked_timeout(seconds: float) -> float:
    if not seconds > 0:
        raise UserError(f"--trial-timeout {seconds:g} came; it is a number of seconds above 0, such as 3600")
    return seconds


def _checked_stack(stack: str) -> int | None:
    """Trials a stack; None for automatic."""
    if stack == AUTOMATIC:
        return None
    if not stack.isdecimal() or int(stack) < 1:
        raise UserError(f"--stack {stack} came; it is a number of trials, 1 or above, or auto")
    return int(stack)
