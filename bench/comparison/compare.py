"""Verdicts: what the data of a study supports about two of its configurations, and what it does not.

    verdicts = compare_all(scores)                          # every pair, on the metrics of verdicts
    verdicts = compare_all(scores, scores.ensemble_configurations)    # every pair of seed ensembles, a table of their own
    verdict = compare(scores, "ce", "regression", "nll")    # one of them, as it stands in the table of that score
    print(verdict.text)

Each fit's learning rate is chosen on valid by the other fits, for each score; differences are taken on the evaluation part,
between fits of the same split and seed. ``bench.statistics`` makes the intervals and tests of them; Holm's correction runs over
the whole table, every pair on every score, so that in 95 of 100 studies none of its betters and worses is false.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from bench.comparison.choice import Choice, choose, has_score
from bench.comparison.configurations import Configuration
from bench.comparison.declared import Declared, declared_in
from bench.comparison.differences import Differences, differences
from bench.comparison.judge import Corrected, Row, judge, judged
from bench.comparison.margin import margin_of, verdict_metrics
from bench.comparison.scores import StudyScores
from bench.comparison.user_bootstrap import UserBootstrap
from bench.comparison.verdict import Standing, Verdict, turned
from bench.comparison.wording import worded
from bench.statistics import corrected, in_family
from cfce.errors import UserError, unknown_name
from cfce.metrics import METRICS, Metric

__all__ = ["compare", "compare_all", "told_from"]

TWINS = {"mode_accuracy": "accuracy"}
"""A score that is another one where both sides' predictions are distributions of their own: it has no row of its own then."""


def compare(
    scores: StudyScores,
    a: str,
    b: str,
    metric: str = "normalized_rmse",
    margins: Mapping[str, float] | None = None,
    bootstrap: UserBootstrap | None = None,
    declared: Declared | None = None,
) -> Verdict:
    """The verdict on a against b, as the table of all pairs gives it.

    Raises ``UserError`` for an unknown configuration or metric, one configuration twice, or a configuration without a score.
    """
    return compare_on(scores, a, b, (metric,), margins, bootstrap, declared)[0]


def compare_on(
    scores: StudyScores,
    a: str,
    b: str,
    metrics: Sequence[str],
    margins: Mapping[str, float] | None = None,
    bootstrap: UserBootstrap | None = None,
    declared: Declared | None = None,
) -> list[Verdict]:
    """The verdicts on a against b on several scores; each is that of the table of all pairs with this score."""
    configurations = _of_one_kind(scores, a, b)
    bootstrap = bootstrap or UserBootstrap(scores)
    for name in metrics:
        if METRICS[name].loss is None:
            raise UserError(f"{METRICS[name].label} is no mean over ratings, so it has no verdicts; compare on nll, for example")
        for one in (a, b):
            choose(scores, scores.configuration(one), METRICS[name])
    if declared is None:
        declared = declared_in(scores.study.plans, scores.names)
    if (
        declared.reference in configurations
        and declared.reference not in (a, b)
        and not any(declared.is_primary(a, b, name) for name in metrics)
    ):
        raise UserError(f"'{a}' and '{b}' are not compared, as the reference is '{declared.reference}'; pass --reference '{a}'")
    usual = verdict_metrics(METRICS)
    tables: dict[tuple[str, ...], list[Verdict]] = {}
    found = []
    for name in metrics:
        table = tuple(dict.fromkeys((*usual, name)))
        if table not in tables:
            tables[table] = compare_all(scores, configurations, table, margins, bootstrap, declared)
        found.append(_in_table(tables[table], a, b, name))
    return found


def _of_one_kind(scores: StudyScores, a: str, b: str) -> Mapping[str, Configuration]:
    for name in (a, b):
        if name not in scores.configurations and name not in scores.ensemble_configurations:
            raise unknown_name("variant", name, [*scores.configurations, *scores.ensemble_configurations])
    if a == b:
        raise UserError(f"'{a}' came twice; name two different variants of the study")
    if (a in scores.configurations) is not (b in scores.configurations):
        raise UserError(f"'{a}' and '{b}' came, a seed ensemble and single trainings; compare two of one kind")
    return scores.configurations if a in scores.configurations else scores.ensemble_configurations


def _in_table(table: Sequence[Verdict], a: str, b: str, metric: str) -> Verdict:
    of_pair = {one.metric: one for one in table if {one.a, one.b} == {a, b}}
    found = of_pair.get(metric)
    if found is None and TWINS.get(metric) in of_pair:  # left out, as it says the same
        found = worded(replace(of_pair[TWINS[metric]], metric=metric))
    if found is None:
        raise UserError(f"'{a}' and '{b}' share no split with a finished trial; rerun 'bench run' to train what is missing")
    return found if found.a == a else told_from(found)


def told_from(verdict: Verdict) -> Verdict:
    """The same verdict told from the other side."""
    return worded(turned(verdict))


def compare_all(
    scores: StudyScores,
    configurations: Mapping[str, Configuration] | None = None,
    metrics: Sequence[str] | None = None,
    margins: Mapping[str, float] | None = None,
    bootstrap: UserBootstrap | None = None,
    declared: Declared | None = None,
) -> list[Verdict]:
    """The verdict on every pair of ``configurations`` (by default the study's) for each metric (by default those of verdicts).

    Primary comparisons of ``declared`` (by default what the study's plans declare) come first, on whatever score they are.
    Configurations without a score, pairs that share no split, and rows that would say the same as another are left out.
    """
    bootstrap = bootstrap or UserBootstrap(scores)
    if declared is None:
        declared = declared_in(scores.study.plans, scores.names)
    among = list((scores.configurations if configurations is None else configurations).values())
    usual = tuple(metrics or verdict_metrics(METRICS))
    judged_on = [METRICS[name] for name in dict.fromkeys((*usual, *(one.metric for one in declared.primary)))]
    choices = {one.name: [choose(scores, side, one) for side in among if has_score(scores, side, one)] for one in judged_on}
    bootstrap.prepare(
        (one, fit.split, trial)
        for one in judged_on
        for choice in choices[one.name]
        for fit in choice.fits
        for trial in fit.trials
    )
    rows = _without_twins(
        [
            row
            for one in judged_on
            for row in _rows(scores, choices[one.name], one, margins, bootstrap, declared, one.name not in usual)
        ],
        declared,
    )
    primary = [row.is_primary(declared) for row in rows]
    p, outside, other, other_outside = (
        corrected(values, primary)
        for values in (
            [row.found.p for row in rows],
            [row.p_outside(row.found) for row in rows],
            [float("nan") if row.other_data is None else row.other_data.p for row in rows],
            [float("nan") if row.other_data is None else row.p_outside(row.other_data) for row in rows],
        )
    )
    found = []
    for at, row in enumerate(rows):
        standing: Standing = "primary" if primary[at] else "exploratory" if declared.primary else ""
        levels = Corrected(float(p[at]), float(outside[at]), float(other[at]), float(other_outside[at]), standing)
        found.append(worded(judged(scores, row, levels, bootstrap)))
    return sorted(found, key=lambda one: one.standing != "primary") if declared.primary else found


def _rows(
    scores: StudyScores,
    choices: Sequence[Choice],
    metric: Metric,
    margins: Mapping[str, float] | None,
    bootstrap: UserBootstrap,
    declared: Declared,
    only_primary: bool,
) -> Iterator[Row]:
    """The rows of one score; of a score that only primary comparisons are on, no others."""
    pairs = list(combinations(choices, 2))
    names = [(a.configuration, b.configuration) for a, b in pairs]
    kept = in_family(names, declared.reference) if _has(names, declared.reference) else np.ones(len(pairs), dtype=bool)
    for (a, b), keep in zip(pairs, kept, strict=True):
        if (keep and not only_primary) or declared.is_primary(a.configuration, b.configuration, metric.name):
            drawn = differences(scores, metric, a, b, bootstrap)
            if drawn is not None:
                yield judge(scores, metric, margin_of(metric, scores.study.scale, margins), a, b, drawn)


def _has(pairs: Sequence[tuple[str, str]], reference: str | None) -> bool:
    """Whether a table has the reference: that of seed ensembles has other names."""
    return any(reference in pair for pair in pairs)


def _without_twins(rows: Sequence[Row], declared: Declared) -> list[Row]:
    """The rows without those of a score whose every value is that of another score: they would be counted twice.

    A primary comparison stays: it is corrected by itself.
    """
    by_key = {(row.metric.name, row.a.configuration, row.b.configuration): row for row in rows}
    return [
        row
        for row in rows
        if row.is_primary(declared)
        or not _same(row.drawn, by_key.get((TWINS.get(row.metric.name, ""), row.a.configuration, row.b.configuration)))
    ]


def _same(drawn: Differences, twin: Row | None) -> bool:
    return twin is not None and all(
        np.array_equal(one, other) for one, other in ((drawn.a, twin.drawn.a), (drawn.b, twin.drawn.b))
    )
