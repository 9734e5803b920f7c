"""Verdicts: what the data of a study supports about two of its configurations, and what it does not.

    verdicts = compare_all(scores)                          # every pair, on the metrics of verdicts
    verdicts = compare_all(scores, scores.ensemble_configurations)    # every pair of seed ensembles, a table of their own
    verdict = compare(scores, "ce", "regression", "nll")    # one of them, as it stands in the table of that score
    print(verdict.text)

Each configuration's learning rate is chosen on valid, for each score; differences are taken on the evaluation part,
between trials of the same split and seed, and averaged within splits. Holm's correction runs over the whole table, every
pair on every score, so that in 95 of 100 studies none of its betters and worses is false.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from bench.comparison.choice import Choice, choose, trials_at
from bench.comparison.configurations import Configuration
from bench.comparison.interval import Estimate, by_unit, effective_users, estimate, overlap_p, ranks_p
from bench.comparison.margin import margin_of, verdict_metrics
from bench.comparison.pairs import Pair, pair_up
from bench.comparison.power import further_units
from bench.comparison.scope import Scope
from bench.comparison.scores import StudyScores
from bench.comparison.user_bootstrap import UserBootstrap
from bench.comparison.verdict import Verdict
from bench.comparison.wording import sentence
from cfce.errors import UserError, unknown_name
from cfce.metrics import METRICS, Metric

LEVEL = 0.05


def compare(
    scores: StudyScores,
    a: str,
    b: str,
    metric: str = "normalized_rmse",
    margins: Mapping[str, float] | None = None,
    bootstrap: UserBootstrap | None = None,
) -> Verdict:
    """The verdict on a against b, as the table of all pairs gives it.

    Raises ``UserError`` for an unknown configuration or metric, one configuration twice, or a configuration without a score.
    """
    for name in (a, b):
        if name not in scores.configurations and name not in scores.ensemble_configurations:
            raise unknown_name("variant", name, [*scores.configurations, *scores.ensemble_configurations])
    if a == b:
        raise UserError(f"'{a}' came twice; name two different variants of the study")
    if (a in scores.configurations) is not (b in scores.configurations):
        raise UserError(f"'{a}' and '{b}' came, a seed ensemble and single trainings; compare two of one kind")
    for name in (a, b):
        choose(scores, scores.configuration(name), METRICS[metric])
    configurations = scores.configurations if a in scores.configurations else scores.ensemble_configurations
    table = tuple(dict.fromkeys((*verdict_metrics(METRICS), metric)))
    for one in compare_all(scores, configurations, table, margins, bootstrap):
        if one.metric == metric and {one.a, one.b} == {a, b}:
            return one if one.a == a else turned(one)
    raise UserError(f"'{a}' and '{b}' share no split with a finished trial; rerun 'bench run' to train what is missing")


def compare_all(
    scores: StudyScores,
    configurations: Mapping[str, Configuration] | None = None,
    metrics: Sequence[str] | None = None,
    margins: Mapping[str, float] | None = None,
    bootstrap: UserBootstrap | None = None,
) -> list[Verdict]:
    """The verdict on every pair of ``configurations`` (by default the study's) for each metric (by default those of verdicts).

    Configurations without a score, and pairs that share no split, are left out.
    """
    bootstrap = bootstrap or UserBootstrap(scores)
    among = list((scores.configurations if configurations is None else configurations).values())
    rows = [
        row for name in metrics or verdict_metrics(METRICS) for row in _rows(scores, among, METRICS[name], margins, bootstrap)
    ]
    p_holm = holm([row.found.p for row in rows])
    p_outside = holm([float("nan") if row.margin is None else row.found.p_outside(row.margin) for row in rows])
    return [_verdict(scores, row, float(p), float(q)) for row, p, q in zip(rows, p_holm, p_outside, strict=True)]


def turned(verdict: Verdict) -> Verdict:
    """The same verdict told from the other side."""
    other = {"better": "worse", "worse": "better"}.get(verdict.verdict, verdict.verdict)
    found = replace(
        verdict,
        a=verdict.b,
        b=verdict.a,
        difference=-verdict.difference,
        low=-verdict.high,
        high=-verdict.low,
        verdict=other,
        learning_rate_a=verdict.learning_rate_b,
        learning_rate_b=verdict.learning_rate_a,
        score_a=verdict.score_b,
        score_b=verdict.score_a,
    )
    return replace(found, text=sentence(found, METRICS[found.metric]))


def decide(found: Estimate, p_holm: float, p_outside_holm: float, metric: Metric, margin: float | None) -> str:
    """The verdict that an estimate and its corrected p-values allow.

    ``equivalent`` where the whole interval lies within the margin and the test of a difference outside it rejects;
    else ``better`` or ``worse`` where the test of no difference rejects; else ``undecided``.
    """
    if found.n < 2:
        return "undecided"
    if margin is not None and max(abs(found.low), abs(found.high)) < margin and p_outside_holm <= LEVEL:
        return "equivalent"
    if p_holm <= LEVEL:
        return "better" if metric.gain(found.difference) > 0 else "worse"
    return "undecided"


def holm(p: Sequence[float]) -> NDArray[np.float64]:
    """Holm's (1979) correction of the p-values that are there; NaN stays NaN and is not counted.

    >>> holm([0.01, float("nan"), 0.04]).tolist()
    [0.02, nan, 0.04]
    """
    found = np.asarray(p, dtype=np.float64)
    there = np.flatnonzero(np.isfinite(found))
    order = there[np.argsort(found[there], kind="stable")]
    corrected = found.copy()
    # statsmodels' multipletests gives the same, but collects garbage each time: 0.2 s a table
    steps = found[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1) if len(order) else steps
    return corrected


@dataclass(frozen=True, eq=False)
class _Row:
    """A row of the table before correction."""

    metric: Metric
    margin: float | None
    a: Choice
    b: Choice
    pairs: list[Pair]
    differences: NDArray[np.float64]
    found: Estimate
    scope: Scope


def _rows(
    scores: StudyScores,
    configurations: Sequence[Configuration],
    metric: Metric,
    margins: Mapping[str, float] | None,
    bootstrap: UserBootstrap,
) -> Iterator[_Row]:
    choices = [
        choose(scores, configuration, metric)
        for configuration in configurations
        if any(trials_at(scores, configuration, rate, metric) for rate in configuration.trials)
    ]
    for a, b in combinations(choices, 2):
        pairs = pair_up(scores, a, b, metric)
        if pairs:
            differences, replicates = _differences(scores, metric, pairs, bootstrap)
            splits = np.array([pair.split for pair in pairs])
            seeds = _seed_numbers(pairs)
            n_users = effective_users(scores.user_counts({pair.split for pair in pairs}))
            found = estimate(differences, replicates, splits, seeds, n_users)
            units = by_unit(differences, replicates, splits)[0]
            scope = Scope(len(set(splits.tolist())), found.n_seeds, len(pairs), n_users, _lost(scores, a, b), _edges(a, b))
            yield _Row(metric, margin_of(metric, scores.study.scale, margins), a, b, pairs, units, found, scope)


def _differences(
    scores: StudyScores, metric: Metric, pairs: list[Pair], bootstrap: UserBootstrap
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The difference of each pair (n,) and under resampled users (n_replicates, n)."""
    part = scores.study.evaluation_part
    sides = [
        (
            np.array([scores.score(one, part, metric.name) for one in ids]),
            bootstrap.replicates(metric, [(pair.split, one) for pair, one in zip(pairs, ids, strict=True)]),
        )
        for ids in ([pair.a for pair in pairs], [pair.b for pair in pairs])
    ]
    return sides[0][0] - sides[1][0], sides[0][1] - sides[1][1]


def _seed_numbers(pairs: Sequence[Pair]) -> NDArray[np.int64]:
    """A number for the seeds of each pair: the same where seeds repeat in several splits, else each its own."""
    numbers: dict[object, int] = {}
    keys = [pair.seeds or (pair.a, pair.b) for pair in pairs]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys])


def _edges(a: Choice, b: Choice) -> tuple[str, ...]:
    """What is said of chosen learning rates at an end of their grid."""
    return tuple(
        f"the rate of {one.configuration}, {one.learning_rate:g}, is the {one.edge} of its grid" for one in (a, b) if one.edge
    )


def _lost(scores: StudyScores, a: Choice, b: Choice) -> tuple[tuple[str, int, int], ...]:
    """The trainings that each side lost at its chosen learning rate, where it lost any."""
    found = []
    for choice in (a, b):
        total = len(scores.configuration(choice.configuration).trials[choice.learning_rate])
        if choice.n < total:
            found.append((choice.configuration, total - choice.n, total))
    return tuple(found)


def _verdict(scores: StudyScores, row: _Row, p_holm: float, p_outside: float) -> Verdict:
    metric, margin, a, b = row.metric, row.margin, row.a, row.b
    pairs, differences, found = row.pairs, row.differences, row.found
    n_splits = len({pair.split for pair in pairs})
    of_ensembles = a.configuration in scores.ensemble_configurations
    verdict = "undecided" if row.scope.withheld else decide(found, p_holm, p_outside, metric, margin)
    further, reason = None, ""
    if row.scope.withheld:
        reason = row.scope.withheld
    elif found.n < 2:
        further, reason = 1, f"one {'split' if of_ensembles else 'seed'} shows no spread"
    elif verdict == "undecided":
        further = further_units(found, margin, LEVEL * min(1.0, found.p / p_holm) if p_holm > 0 else LEVEL)
        reason = "" if further else "the users of this data differ too much for more seeds to decide"
    sizes = scores.study.sizes(scores.configuration(a.configuration).records[0])
    share = sizes[scores.study.evaluation_part] / sizes["train"] if sizes.get("train") else float("nan")
    done = Verdict(
        metric=metric.name,
        a=a.configuration,
        b=b.configuration,
        difference=found.difference,
        low=found.low,
        high=found.high,
        n=found.n,
        p=found.p,
        p_holm=p_holm,
        verdict=verdict,
        further_seeds=further,
        margin=margin,
        learning_rate_a=a.learning_rate,
        learning_rate_b=b.learning_rate,
        score_a=a.evaluation_score,
        score_b=b.evaluation_score,
        n_splits=n_splits,
        n_pairs=len(pairs),
        p_overlap=overlap_p(differences, share) if n_splits > 1 else float("nan"),
        p_ranks=ranks_p(differences),
        reason=reason,
        part=scores.study.evaluation_part,
        of_ensembles=of_ensembles,
        generalises_to=row.scope.generalises_to,
        warning=row.scope.warning,
        chosen_there=scores.study.evaluation_part == "valid" and max(len(a.candidates), len(b.candidates)) > 1,
    )
    return replace(done, text=sentence(done, metric))
