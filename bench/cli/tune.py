"""``bench tune``: the same budget for the options of every variant, and the tuned variants judged on test."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bench.cli.data_flags import DataFlags, with_data_flags
from bench.cli.option_flags import PinnedOption, read_options
from bench.cli.options import Debug, Plugin, Primary, Programs, Reference, names
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

EXAMPLES = """Search the options of each variant with the same budget, train the best of each anew, and judge them on test.

Each setting is scored on valid over the same splits; from the 13th on, one that is worse than the median of earlier ones on the
first split is not trained on the others. The first setting of each variant is its defaults. The chosen one is trained anew with
new seeds.
Running the same command again resumes; a larger budget goes on where the smaller one ended.

\b
Examples:
  bench tune                                   # the three variants of the blog, 60 settings each
  bench tune --variants all-networks --budget 60 --splits 5 --out reports/tuned
  bench tune --metric rmse --sampler random --budget 100
  bench tune --primary ce,regression:nll       # the comparison that the table of verdicts puts first, corrected alone
  bench tune --variants regression,cumulative-logit --option optimizer=adam,sgd
  bench tune --space spaces.toml --seconds 30  # ranges of your own; at most 30 s of training each
"""


@with_data_flags
def tune(
    variants: Variants = None,
    budget: Annotated[int, typer.Option(help="Settings of each variant, its defaults included.")] = 60,
    seconds: Annotated[
        float | None, typer.Option(help="Seconds of training of a variant after which no further setting is begun.")
    ] = None,
    metric: Annotated[str, typer.Option(help="The score that settings are chosen by, see 'bench list'.")] = "nll",
    splits: Annotated[int, typer.Option(help="Splits that every setting is scored on.")] = 5,
    seeds: Annotated[int, typer.Option(help="New seeds a split for the chosen settings.")] = 3,
    sampler: Annotated[str, typer.Option(help="Where settings come from: tpe or random.")] = "tpe",
    seed: Annotated[int, typer.Option(help="Where the draws of the sampler come from.")] = 0,
    protocol: Annotated[str, typer.Option(help="How the ratings are split, see 'bench list'.")] = "random-80-10-10",
    space: Annotated[Path | None, typer.Option(help="A TOML file with ranges, see docs/how-to/tuning.md.")] = None,
    primary: Primary = None,
    reference: Reference = None,
    option: PinnedOption = None,
    executor: Executor = "local",
    ray_address: RayAddress = None,
    jobs: Jobs = None,
    trial_timeout: TrialTimeout = 3600.0,
    resume: Resume = True,
    keep: Keep = "predictions",
    plugin: Plugin = None,
    program: Programs = None,
    out: Annotated[Path | None, typer.Option(help="The study folder. Default: reports/tuned-NAME.")] = None,
    debug: Debug = False,
    *,
    data: DataFlags,
) -> int:
    """Search the options of each variant with the same budget, and judge the best of each on test."""
    from rich.console import Console

    from bench.harness.checking import few_users_note
    from bench.harness.progress import logger
    from bench.plan.declared import check_declared
    from bench.plan.plan import BASELINES, BUILT_IN, check_options, variant_names
    from bench.tuning.run import tune as run_tuning
    from bench.tuning.space import read_space, space_of
    from bench.tuning.terms import Terms
    from bench.variants.plugins import load_parts
    from bench.variants.programs import read_programs
    from bench.variants.variant import VARIANTS

    plugins = tuple(plugin or ())
    programs = read_programs(program)
    load_parts(plugins, programs)
    terms = Terms(metric, budget, seconds, splits, seeds, sampler, seed, protocol)
    asked = variant_names((*(names(variants) or BUILT_IN), *(one.name for one in programs)))
    check_declared(primary, reference, tuple(dict.fromkeys((*asked, *BASELINES))))
    declared = {name: text for name, text in (("primary", primary), ("reference", reference)) if text is not None}
    pinned = read_options(option)
    check_options(pinned, [VARIANTS[one] for one in asked])
    given = read_space(space) if space is not None else {}
    spaces = [space_of(name, pinned, given) for name in asked]
    how = how_to_run(executor, jobs, trial_timeout, resume, keep, plugins, programs, data, address=ray_address)
    log = logger(Console())
    with resumable(how.command):
        ratings = data.load(log)
        if note := few_users_note(ratings):
            log(note)
        folder = out or Path("reports") / f"tuned-{default_name('ml-100k', data.dataset, data.path)}"
        answers: list[str] = []
        failed = run_tuning(spaces, terms, ratings, folder, how, log, partial(write_report_of, tell=answers.append), declared)
    for sentence in answers:
        log(sentence)
    return 1 if failed else 0
