"""``bench compare``: what a study says of one variant against another."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import Debug, Plugin, Primary, Reference, names
from bench.cli.terminal import show, tell_problems
from cfce.errors import UserError

if TYPE_CHECKING:
    from bench.comparison.verdict import Verdict

EXAMPLES = """Say what a study supports about variant A against variant B: better, worse, equivalent or undecided.

Each score has its own verdict, as in the report: each fit's learning rate is chosen on valid by the other fits, differences are
taken on test between fits of the same split and seed, intervals count splits, seeds and users, and p-values are corrected for
every pair of the study's table, or those with --reference; a --primary comparison is corrected alone.

\b
Examples:
  bench compare regression ce --study reports/default
  bench compare "my SVD" ce --metric nll,rps
  bench compare ce ce-sigmoid --equivalence accuracy=0.005,nll=0.01
  bench compare ce regression --metric mae --equivalence 0.01
  bench compare ce regression --primary ce,regression:nll
  bench compare ce regression --reference regression
"""


def compare(
    a: Annotated[str, typer.Argument(help="A variant of the study, as the report names it.")],
    b: Annotated[str, typer.Argument(help="The variant to compare it with.")],
    study: Annotated[Path, typer.Option(help="The study folder.")] = Path("reports/default"),
    metric: Annotated[str | None, typer.Option(help="Scores separated by commas. Default: those of the report.")] = None,
    equivalence: Annotated[
        str | None, typer.Option(help="Differences that do not matter: SCORE=NUMBER,..., or a number for one --metric.")
    ] = None,
    protocol: Annotated[str | None, typer.Option(help="Of a study of several protocols. Default: that of its last plan.")] = None,
    primary: Primary = None,
    reference: Reference = None,
    plugin: Plugin = None,
    debug: Debug = False,
) -> int:
    """Say what a study supports about one variant against another."""
    from bench.comparison.choice import choose
    from bench.comparison.compare import compare_on
    from bench.comparison.declared import declared_by_flags, declared_in
    from bench.comparison.further import commands_that_add, commands_that_reach
    from bench.comparison.growing import plans_behind, widening
    from bench.comparison.margin import verdict_metrics
    from bench.comparison.notes import has_few_seeds, notes_of
    from bench.comparison.scores import StudyScores
    from bench.statistics.tail import FEW_SEEDS
    from bench.study import load_study
    from bench.tuning.judged import compared
    from bench.variants.plugins import load_parts
    from cfce.metrics import METRICS

    load_parts(tuple(plugin or ()))
    metrics = names(metric) or verdict_metrics(METRICS)
    for name in metrics:
        METRICS[name]  # or it raises
    margins = margins_of(equivalence, metrics)
    stored = load_study(study)
    found = stored.under(protocol or stored.protocols[0]) if stored.records else stored
    scores = StudyScores.of(compared(found))
    if metric is None:
        metrics = tuple(name for name in metrics if name not in scores.failed_metrics)
    declared = declared_by_flags(primary, reference, declared_in(found.plans, scores.names), scores.names)
    verdicts = compare_on(scores, a, b, metrics, margins, declared=declared)
    for verdict in verdicts:
        show(verdict.text)
    show(f"\nA: {a}\nB: {b}\n\n{_table(verdicts)}\n\n{_readings(verdicts)}")
    for note in notes_of(verdicts, declared):
        show(f"\n{note}")
    asked = [verdict.further_seeds for verdict in verdicts if verdict.further_seeds]
    plans = plans_behind(scores, (a, b))
    if asked and (adds := commands_that_add(plans, min(asked), study)):
        show(_commands(f"adds {min(asked):,}", adds))
    if has_few_seeds(verdicts) and (reaches := commands_that_reach(plans, FEW_SEEDS, study)):
        show(_commands(f"makes at least {FEW_SEEDS} seeds", reaches))
    choices = [choose(scores, scores.configuration(side), METRICS[name]) for name in metrics for side in (a, b)]
    if wider := widening(scores, choices):
        show(_commands("widens the grid whose end was chosen", wider))
    problems = [*stored.unreadable_lines, *scores.problem_lines]
    tell_problems(problems)
    return 1 if problems else 0


def _commands(what: str, commands: str) -> str:
    """What a command does and the command, or one for each plan below it."""
    lines = commands.split("\n")
    return f"\n{what}: {commands}" if len(lines) == 1 else "\n".join([f"\n{what}:", *lines])


def margins_of(text: str | None, metrics: Sequence[str]) -> dict[str, float]:
    """The margins that ``--equivalence`` asks for, by score.

    >>> margins_of("accuracy=0.005,nll=0.01", ["nll", "accuracy"])
    {'accuracy': 0.005, 'nll': 0.01}
    >>> margins_of("0.01", ["mae"])
    {'mae': 0.01}
    """
    margins = {}
    for part in names(text) or ():
        name, _, number = part.rpartition("=")
        if not name and len(metrics) > 1:
            raise UserError(f"--equivalence {text} came for {len(metrics)} scores; say for which, such as {metrics[0]}={number}")
        name = name or metrics[0]
        if name not in metrics:
            raise UserError(f"--equivalence came for '{name}', which is not compared; compared are {', '.join(metrics)}")
        try:
            margins[name] = float(number)
        except ValueError:
            raise UserError(f"--equivalence '{part}' came; it is SCORE=NUMBER, such as accuracy=0.002") from None
    return margins


def _table(verdicts: Sequence["Verdict"]) -> str:
    """A row a score, as wide whatever the variants are called."""
    from bench.comparison.digits import places
    from bench.report.verdict_cells import p_value

    decimals = [places((one.high - one.low) / 2) for one in verdicts]
    rows = [
        (
            one.metric,
            one.verdict,
            f"{one.difference:+.{digits}f}",
            f"{one.low:+.{digits}f} to {one.high:+.{digits}f}" if one.n > 1 else "-",
            p_value(one.p_holm),
            one.verdict_other_data or "-",
            f"{one.score_a:.4f}",
            f"{one.score_b:.4f}",
        )
        for one, digits in zip(verdicts, decimals, strict=True)
    ]
    return _tabulated(("score", "A is", "A - B", "95 % interval", "Holm p", "on other data", "A", "B"), rows)


def _readings(verdicts: Sequence["Verdict"]) -> str:
    """What stands beside the mean, and what was chosen."""
    from bench.report import verdict_cells as cells

    rows = []
    for one in verdicts:
        raw_a, raw_b = (side.raw_score for side in one.sides)
        rows.append(
            (
                one.metric,
                cells.chances(one),
                cells.interquartile(one.interquartile),
                cells.improvement(one.improvement),
                f"{raw_a - raw_b:+.4f}" if raw_a == raw_a and raw_b == raw_b else "-",
                *(cells.chosen(side) for side in one.sides),
                *(cells.lost(side) for side in one.sides),
            )
        )
    head = (
        "score",
        "A is better / equivalent / worse, %",
        "interquartile A - B",
        "a training of A is better",
        "raw A - B",
        "rates of A",
        "rates of B",
        "A lost",
        "B lost",
    )
    return _tabulated(head, rows)


def _tabulated(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    from tabulate import tabulate

    return str(tabulate(rows, head, tablefmt="simple", disable_numparse=True))
