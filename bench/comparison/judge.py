"""From the differences of a pair to its verdict: the calls of ``bench.statistics``, in order."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.comparison.choice import Choice
from bench.comparison.claims import generalises_to
from bench.comparison.declared import Declared
from bench.comparison.differences import Differences, imputed_differences
from bench.comparison.scores import StudyScores
from bench.comparison.user_bootstrap import UserBootstrap
from bench.comparison.verdict import NOTHING, Side, Standing, Verdict
from bench.statistics import (
    LEVEL,
    Estimate,
    caveats_of,
    decide,
    estimate,
    further_units,
    interquartile_difference,
    posterior,
    probability_of_improvement,
    ranks_p,
    reachable_margin,
    withheld_for,
)
from cfce.metrics import METRICS, Metric
from cfce.seeds import stream

EDGE = "edge of grid"
UNEQUAL = "unequal ensembles"
"""Why seed ensembles of different sizes have no verdict: the mean of more trainings is better, whatever they are of."""


@dataclass(frozen=True, eq=False)
class Row:
    """A row of the table before correction."""

    metric: Metric
    margin: float | None
    a: Choice
    b: Choice
    drawn: Differences
    found: Estimate
    other_data: Estimate | None

    def p_outside(self, found: Estimate) -> float:
        """The p-value of a difference outside the margin; NaN where there is no margin."""
        return NOTHING if self.margin is None else found.p_outside(self.margin)

    def is_primary(self, declared: Declared) -> bool:
        """Whether it is a primary comparison."""
        return declared.is_primary(self.a.configuration, self.b.configuration, self.metric.name)


@dataclass(frozen=True)
class Corrected:
    """The p-values of a row after Holm's correction over its table."""

    p: float
    p_outside: float
    p_other_data: float
    p_outside_other_data: float
    standing: Standing


def judge(scores: StudyScores, metric: Metric, margin: float | None, a: Choice, b: Choice, drawn: Differences) -> Row:
    """The estimates of a row: about this data, and, of several splits, about other data of the same size."""
    what = (drawn.values, drawn.splits, drawn.seeds, drawn.replicates, drawn.effective_users)
    of_choice = a.variance + b.variance
    n_ratings = None if drawn.values.any() else sum(scores.rows_judged[split] for split in {int(one) for one in drawn.splits})
    found = estimate(*what, None, of_choice, n_ratings)
    ratio = scores.held_out_by_train
    other = estimate(*what, ratio, of_choice, n_ratings) if found.n_splits > 1 and np.isfinite(ratio) else None
    return Row(metric, margin, a, b, drawn, found, other)


def judged(scores: StudyScores, row: Row, levels: Corrected, bootstrap: UserBootstrap) -> Verdict:
    """The verdict of a row, without its text."""
    metric, margin, found, drawn = row.metric, row.margin, row.found, row.drawn
    higher = metric.higher_is_better
    side_a, side_b = (_side(scores, choice, metric, values, drawn) for choice, values in ((row.a, drawn.a), (row.b, drawn.b)))
    sides = (side_a, side_b)
    lost = [side.lost_share for side in sides]
    unequal = side_a.members != side_b.members
    withheld = (*withheld_for(found, lost), *([UNEQUAL] if unequal else []))
    tails = (*row.a.tails.values(), *row.b.tails.values())
    caveats = (
        *caveats_of(found, tails, lost, row.a.seeded or row.b.seeded),
        *([EDGE] if any(side.edge for side in sides) else []),
    )
    verdict = decide(found, levels.p, levels.p_outside, margin, higher, bool(withheld))
    other_data = ""
    if row.other_data is not None:
        other_data = decide(row.other_data, levels.p_other_data, levels.p_outside_other_data, margin, higher, bool(withheld))
    further = None
    if verdict == "undecided" and not withheld:
        level = LEVEL * min(1.0, found.p / levels.p) if levels.p > 0 else LEVEL
        further = further_units(found, margin, level, stream(0, "further"))
    robust = (drawn.a, drawn.b, drawn.splits, drawn.seeds)
    imputed = imputed_differences(scores, metric, row.a, row.b, bootstrap)
    what = imputed and (imputed.values, imputed.splits, imputed.seeds, imputed.replicates, imputed.effective_users)
    several = found.n_splits > 1
    units = split_means(drawn.values, drawn.splits)
    return Verdict(
        metric=metric.name,
        a=row.a.configuration,
        b=row.b.configuration,
        difference=found.difference,
        low=found.low,
        high=found.high,
        n=found.n,
        p=found.p,
        p_holm=levels.p,
        verdict=verdict,
        further_seeds=further.median if further and not further.cannot else None,
        sides=sides,
        estimate=found,
        margin=margin,
        n_splits=found.n_splits,
        n_pairs=found.n_fits,
        p_ranks=ranks_p(units if several else drawn.values),
        part=scores.study.evaluation_part,
        of_ensembles=row.a.configuration in scores.ensemble_configurations,
        chosen_there=scores.study.evaluation_part == "valid" and max(len(row.a.candidates), len(row.b.candidates)) > 1,
        generalises_to=generalises_to(found, has_seeds=drawn.seeds is not None),
        withheld=withheld,
        caveats=caveats,
        of_choice=(row.a.variance + row.b.variance) / found.sources.variance if found.sources.variance else 0.0,
        further=further,
        posterior=None if withheld else posterior(found, margin or 0.0),
        interquartile=interquartile_difference(*robust, stream(0, "interquartile")),
        improvement=probability_of_improvement(*robust, stream(0, "improvement"), higher),
        imputed=estimate(*what, None, row.a.variance + row.b.variance) if what else None,
        reachable=reachable_margin(found),
        other_data=row.other_data,
        p_other_data_holm=levels.p_other_data,
        verdict_other_data=other_data,
        standing=levels.standing,
    )


def split_means(values: NDArray[np.float64], splits: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean of each split's values, (S,)."""
    return np.array([values[splits == split].mean() for split in np.unique(splits)])


def _side(scores: StudyScores, choice: Choice, metric: Metric, values: NDArray[np.float64], drawn: Differences) -> Side:
    raw = f"raw_{metric.name}"
    raws = [
        scores.score(one, scores.study.evaluation_part, raw)
        for fit in choice.fits
        for one in (fit.trials if metric.calibrated and raw in METRICS else ())
    ]
    return Side(
        configuration=choice.configuration,
        learning_rate=choice.learning_rate,
        chosen=tuple(choice.chosen.items()),
        score=float(split_means(values, drawn.splits).mean()),
        raw_score=float(np.mean(raws)) if raws else NOTHING,
        optimism=choice.optimism,
        edge=choice.edge,
        tailed=tuple(rate for rate, tail in choice.tails.items() if tail.heavy),
        lost=sum(fit.lost for fit in choice.fits),
        total=len(choice.fits),
        left_out=choice.left_out,
        members=scores.members(choice.configuration),
    )
