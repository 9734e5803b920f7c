"""Whether a metric has a score of a variant, known before any training: it is asked of made-up predictions of valid."""

import math
from collections.abc import Sequence

import numpy as np

from bench.tuning.score import score_on_valid
from bench.variants.variant import VARIANTS
from cfce.errors import UserError
from cfce.estimators import Network
from cfce.metrics import METRICS
from cfce.objectives import OBJECTIVES
from cfce.predictions import Prediction
from cfce.registry import BUILT_IN
from cfce.scale import RatingScale
from cfce.splits import Fold
from cfce.text import short

POINTS, DISTRIBUTION = "points", "a distribution"


def check_metric(metric: str, variants: Sequence[str], fold: Fold) -> None:
    """Raise ``UserError`` where a metric has no score of what a variant predicts, whatever it learns.

    That is so for a ranking of users who have one rating each in valid, and for a metric that asks for more than points.
    """
    of_variant = {name: kinds_of(name, fold.scale) for name in variants}
    rows, judge = fold.part("valid"), METRICS[metric]
    scores = {}
    for kind in dict.fromkeys(kind for kinds in of_variant.values() for kind in kinds):
        try:
            scores[kind] = score_on_valid(judge, _made_up(kind, fold.scale, len(rows)), rows.level, rows.user)
        except Exception as error:  # whatever a metric of a plug-in raises
            raise UserError(
                f"the metric '{metric}' cannot be computed ({short(error)}); mend it, or pass another --metric"
            ) from error
    for name, kinds in of_variant.items():
        if all(math.isnan(scores[kind]) for kind in kinds):
            if judge.ranking is not None:
                raise UserError(
                    f"no user has ratings to rank in valid under the protocol '{fold.protocol}', so there is no {metric} to tune "
                    "by; pass another --metric or --protocol"
                )
            raise UserError(
                f"'{name}' predicts {kinds[0]}, of which there is no {metric}, so it cannot be tuned by it; pass another "
                "--metric, or leave the variant out"
            )


def kinds_of(variant: str, scale: RatingScale) -> tuple[str, ...]:
    """What a variant predicts, as far as it is known before a fit; both where a regression may give either.

    >>> import bench.variants.built_in
    >>> [kinds_of(name, RatingScale((1, 2, 3))) for name in ("regression", "gaussian", "ce", "bias")]
    [('points',), ('a distribution',), ('a distribution',), ('a distribution',)]
    """
    estimator = VARIANTS[variant].estimator
    if isinstance(estimator, Network) and OBJECTIVES.source(estimator.objective_name) == BUILT_IN:
        kernel = estimator.objective.kernel(scale)
        if kernel is not None:
            shape = (1,) if kernel.width == 1 else (1, kernel.width)
            predicted = estimator.objective.predict(np.zeros(shape, dtype=np.float32), scale)
            return (POINTS,) if predicted.probabilities is None else (DISTRIBUTION,)
    return (POINTS, DISTRIBUTION) if estimator.family == "regression" else (DISTRIBUTION,)


def _made_up(kind: str, scale: RatingScale, n: int) -> Prediction:
    """Predictions of n ratings that differ from one another."""
    rng = np.random.default_rng(0)
    if kind == POINTS:
        return Prediction(scale, points=rng.uniform(scale.values[0], scale.values[-1], n).astype(np.float32))
    return Prediction(scale, probabilities=rng.dirichlet(np.ones(scale.n_levels), n).astype(np.float32))
