"""The sections of a summary: scores and ranks by dataset, wins by verdict, mean ranks, and the mean differences."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from bench.report.content import Cell, Code, Image, Section, Table
from bench.report.numbers import NONE, number, percent
from bench.statistics.across import LEAST_DATASETS, RandomEffects, critical_difference, iman_davenport, mean_ranks, random_effects
from bench.summary.reading import Result
from cfce.metrics import Metric


def ranks_of(results: Sequence[Result], names: Sequence[str], metric: Metric) -> NDArray[np.float64]:
    """The loss of each variant on each dataset, (N, k): the score with the sign that makes lower better."""
    return np.array([[-metric.gain(one.scores[name]) for name in names] for one in results])


def datasets(results: Sequence[Result], names: Sequence[str], metric: Metric) -> Section:
    """Score and rank of each variant by dataset."""
    losses = ranks_of(results, names, metric)
    ranks = np.array([mean_ranks(row[None, :]) for row in losses])
    rows = []
    for result, row, of_row in zip(results, losses, ranks, strict=True):
        cells = [
            Cell(result.name),
            Cell(f"{result.study.settings['data']['n_ratings']:,}", result.study.settings["data"]["n_ratings"]),
        ]
        for loss, rank, name in zip(row, of_row, names, strict=True):
            cells.append(Cell(f"{number(result.scores[name])} ({rank:g})", float(loss), best=loss == row.min()))
        rows.append(tuple(cells))
    left_out = sorted({name for one in results for name in one.scores} - set(names))
    return Section(
        "datasets",
        "Scores by dataset",
        sentences=(
            f"{metric.label} on {results[0].part}, at what valid chose, and in brackets the rank among the {len(names)} "
            "variants that all "
            f"{len(results)} studies have. Ranks are of point estimates of single trainings: they describe, and claim nothing.",
            *([f"Not in every study, and left out: {', '.join(left_out)}."] if left_out else []),
        ),
        tables=(
            Table(
                "datasets",
                f"{metric.label} (rank) by dataset",
                ("dataset", "ratings", *names),
                tuple(rows),
                frozenset(range(1, len(names) + 2)),
            ),
        ),
    )


def wins(results: Sequence[Result], names: Sequence[str], metric: Metric) -> Section:
    """On how many datasets each pair's verdict is better, equivalent, worse or undecided."""
    rows = []
    for a, b in combinations(names, 2):
        found = [one.compared[a, b].verdict for one in results if (a, b) in one.compared]
        counts = [found.count(verdict) for verdict in ("better", "equivalent", "worse", "undecided")]
        rows.append((Cell(a), Cell(b), *(Cell(str(count), count) for count in counts), Cell(str(len(found)), len(found))))
    return Section(
        "wins",
        "Wins and ties by verdict",
        sentences=(
            f"Datasets on which the verdict of the study says so, in {metric.label}: a point estimate that is ahead is no win.",
        ),
        tables=(
            Table(
                "wins",
                f"Verdicts on {len(results)} datasets",
                ("A", "B", "A better", "equivalent", "A worse", "undecided", "datasets"),
                tuple(rows),
                frozenset(range(2, 7)),
                filters=(0, 1),
                sortable=True,
            ),
        ),
    )


def mean_rank(results: Sequence[Result], names: Sequence[str], metric: Metric, images: Sequence[Image]) -> Section:
    """Mean ranks, and the critical difference where there are datasets enough for a test."""
    losses = ranks_of(results, names, metric)
    ranks, n = mean_ranks(losses), len(results)
    if n < LEAST_DATASETS:
        claim = (
            f"With {n} datasets nothing is tested across them: fewer than {LEAST_DATASETS} cannot show a difference at 5 %, "
            "as even a win on each "
            f"of {LEAST_DATASETS - 1} has p = 1/16 in a sign test. The mean ranks describe these datasets."
        )
    else:
        p, cd = iman_davenport(losses), critical_difference(len(names), n)
        order = np.argsort(ranks)
        apart = [f"{names[i]} before {names[j]}" for i, j in combinations(order, 2) if ranks[j] - ranks[i] >= cd]
        differ = f"; apart: {', '.join(apart)}" if apart and p <= 0.05 else "; none are apart"
        claim = (
            f"On {n} datasets, the mean ranks {'differ' if p <= 0.05 else 'are not shown to differ'} (Friedman's test by Iman "
            "and Davenport, "
            f"p = {p:.4f}). Two variants whose mean ranks differ by less than {cd:.2f} are not shown apart (Nemenyi, 5 "
            f"%){differ}."
        )
    rows = tuple((Cell(names[at]), Cell(f"{ranks[at]:.2f}", float(ranks[at]))) for at in np.argsort(ranks, kind="stable"))
    return Section(
        "ranks",
        "Mean ranks",
        sentences=(claim,),
        tables=(
            Table("ranks", f"Mean rank in {metric.label} over {n} datasets", ("variant", "mean rank"), rows, frozenset({1})),
        ),
        images=tuple(images),
        notes=("Source: Demsar, Statistical Comparisons of Classifiers over Multiple Data Sets, JMLR 7 (2006).",),
    )


def effects_of(results: Sequence[Result], names: Sequence[str]) -> dict[tuple[str, str], RandomEffects]:
    """The random-effects mean of each pair that at least two studies compare with an interval."""
    found = {}
    for a, b in combinations(names, 2):
        there = [one.compared[a, b] for one in results if (a, b) in one.compared and np.isfinite(one.compared[a, b].error)]
        if len(there) > 1:
            found[a, b] = random_effects(np.array([one.difference for one in there]), np.array([one.error for one in there]))
    return found


def differences(results: Sequence[Result], names: Sequence[str], metric: Metric, images: Sequence[Image]) -> Section:
    """The random-effects mean of the paired differences, and how much datasets differ."""
    effects = effects_of(results, names)
    rows = tuple(
        (
            Cell(a),
            Cell(b),
            Cell(f"{one.mean:+.4f}", one.mean),
            Cell(f"[{number(one.low)}, {number(one.high)}]"),
            Cell(number(one.tau), one.tau),
            Cell(percent(one.i2, 0), one.i2),
            Cell(NONE if np.isnan(one.p_heterogeneity) else f"{one.p_heterogeneity:.3f}", one.p_heterogeneity),
            Cell(str(one.n), one.n),
        )
        for (a, b), one in effects.items()
    )
    few = (
        f" With {len(results)} datasets the interval rests on {len(results) - 1} degrees of freedom and on the assumption "
        "that true differences are "
        "normal, so it is wide and no verdict is made of it."
        if len(results) < LEAST_DATASETS
        else ""
    )
    return Section(
        "differences",
        "Mean differences across datasets",
        sentences=(
            f"A minus B in {metric.label}, {'above' if metric.higher_is_better else 'below'} 0 is better for A: the "
            "random-effects mean over datasets "
            "(Paule and Mandel's variance between them; Hartung and Knapp's 95 % interval). It is about other datasets of the "
            "kind that these "
            f"are.{few} Tau is the standard deviation of the true difference from dataset to dataset, I² the share of the "
            "spread that the studies' own "
            "uncertainty does not explain, p that of all datasets having one difference. A study's standard error is taken "
            "from the width of its "
            "interval, which is cautious.",
        ),
        tables=(
            Table(
                "differences",
                f"Random-effects means over {len(results)} datasets",
                ("A", "B", "A - B", "95 % interval", "tau", "I²", "p (one difference)", "datasets"),
                rows,
                frozenset({2, 4, 5, 6, 7}),
                filters=(0, 1),
                sortable=True,
            ),
        ),
        images=tuple(images),
    )


def provenance(results: Sequence[Result], protocol: str, command: str) -> Section:
    """The studies, their data and the command."""
    rows = tuple(
        (
            Cell(one.name),
            Cell(str(one.path)),
            Cell(one.study.settings["data"]["fingerprint"][:16]),
            Cell(str(len(one.study.ok)), len(one.study.ok)),
        )
        for one in results
    )
    return Section(
        "studies",
        "The studies",
        sentences=(f"All of the protocol {protocol}. Every number is computed from the verdicts.csv of these studies.",),
        tables=(Table("studies", "Studies", ("dataset", "folder", "data fingerprint", "trials"), rows, frozenset({3})),),
        codes=(Code("The command that wrote this page", command, "sh", copy=True),),
    )
