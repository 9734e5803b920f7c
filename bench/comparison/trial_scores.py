"""The scores of one trial: the one parameter of its distributions is fitted on valid, then every part is scored."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from bench.comparison.part_scores import PartScores, score_part
from bench.comparison.rows import Rows
from bench.statistics.temperature import at_temperature, fit_temperature
from cfce.metrics import fit_sigma, with_distribution
from cfce.predictions import Prediction

Predictions = Mapping[str, Prediction]
"""By part."""


@dataclass(frozen=True, eq=False)
class TrialScores:
    """What is kept of a trial or an ensemble once its predictions are let go."""

    parts: Mapping[str, PartScores]
    sigma: float | None = None
    """The standard deviation of one that predicts points, fitted on its valid ratings."""
    temperature: float | None = None
    """The temperature of one that predicts distributions, fitted likewise."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """Metrics that raised, and why; they have no score here."""


def with_distributions(parts: Predictions, rows: Mapping[str, Rows]) -> tuple[Predictions, float | None]:
    """Points as normal distributions with one standard deviation, which is given too; None for what has distributions."""
    points = parts["valid"].points if "valid" in parts else None
    if points is None or all(one.probabilities is not None for one in parts.values()):
        return parts, None
    sigma = fit_sigma(points, rows["valid"].level, parts["valid"].scale)
    return {name: with_distribution(prediction, sigma) for name, prediction in parts.items()}, sigma


def score_trial(parts: Predictions, rows: Mapping[str, Rows], judged: str, sigma: float | None = None) -> TrialScores:
    """The scores of distributions by part; losses are summed by user on ``judged``, the part that claims are made on.

    Distributions without a ``sigma`` get a temperature, as they have no parameter that was fitted on valid yet.
    """
    fitted, temperature = (parts, None) if sigma is not None else _at_temperature(parts, rows)
    scored: dict[str, PartScores] = {}
    failed: dict[str, str] = {}
    for name, prediction in parts.items():
        own = rows[name]
        n_users = len(own.users) if name == judged else 0
        scored[name] = score_part(prediction, own.level, own.codes, n_users, fitted[name], failed)
    return TrialScores(scored, sigma, temperature, failed)


def _at_temperature(parts: Predictions, rows: Mapping[str, Rows]) -> tuple[Predictions, float | None]:
    """The predictions with the one parameter of a classifier, fitted on valid as a regression's sigma is."""
    valid = parts["valid"].probabilities if "valid" in parts else None
    if valid is None:
        return parts, None
    temperature = fit_temperature(valid, rows["valid"].level)
    return {name: _tempered(one, temperature) for name, one in parts.items()}, temperature


def _tempered(one: Prediction, temperature: float) -> Prediction:
    if one.probabilities is None:
        return one
    return Prediction(one.scale, one.points, at_temperature(one.probabilities, temperature).astype(np.float32), one.derived)
