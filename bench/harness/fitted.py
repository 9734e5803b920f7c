"""What an estimator gave, before a study keeps it: its numbers made plain ones, its predictions checked."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from cfce.engines.task import Epoch, Fitted
from cfce.errors import UserError
from cfce.prediction_table import ROUNDING, SUM_TOLERANCE
from cfce.predictions import Prediction
from cfce.splits import Fold
from cfce.text import NAME, short


def checked(fitted: Fitted, fold: Fold) -> Fitted:
    """A fit with plain numbers, which JSON takes; the predictions of one that did not diverge are checked.

    What is not known, None or NaN, is 0. Raises ``UserError`` for a number that is none, and for predictions that are not one for
    each held-out rating, not finite, or no distributions.
    """
    if not isinstance(fitted, Fitted):
        raise UserError(f"its fit gave {short(repr(fitted), NAME)}; a fit gives a Fitted, as cfce.engines.task has it")
    plain = replace(
        fitted,
        history=tuple(map(_epoch, fitted.history)),
        fit_seconds=_number("fit_seconds", fitted.fit_seconds),
        peak_memory_mb=_number("peak_memory_mb", fitted.peak_memory_mb),
        n_parameters=int(_number("n_parameters", fitted.n_parameters)),
    )
    if plain.diverged is None:
        for part in fold.held_out:
            _check(part, plain.predictions.get(part), len(fold.rows(part)))
    return plain


def _epoch(one: Any) -> Epoch:
    try:
        return Epoch(float(one.train_loss), float(one.valid_loss), float(one.seconds))
    except (AttributeError, TypeError, ValueError):
        raise UserError(
            f"its history holds {short(repr(one), NAME)}; it is of Epoch, whose losses and seconds are numbers"
        ) from None


def _number(name: str, value: Any) -> float:
    try:
        number = 0.0 if value is None else float(value)
    except (TypeError, ValueError):
        number = -1.0
    if math.isnan(number):
        return 0.0
    if not (math.isfinite(number) and number >= 0):
        raise UserError(f"{name} of its fit is {short(repr(value), NAME)}; it is a number, 0 or above")
    return number


def _check(part: str, prediction: object, n: int) -> None:
    """Raise ``UserError`` unless these are predictions of the n ratings of a part."""
    if not isinstance(prediction, Prediction):
        came = "nothing" if prediction is None else f"a {type(prediction).__name__}"
        raise UserError(f"it gave {came} for {part}; a fit gives a Prediction of each part that fold.held_out names")
    if len(prediction) != n:
        raise UserError(f"it gave {len(prediction)} predictions of the {n} ratings of {part}; give one a rating, in their order")
    if prediction.points is not None:
        for row in np.flatnonzero(~(np.abs(prediction.points) < np.finfo(np.float32).max))[:1]:
            raise UserError(f"its prediction of rating {row} of {part} is {prediction.points[row]}; it is a finite number")
    if prediction.probabilities is not None:
        sums = prediction.probabilities @ np.ones(prediction.scale.n_levels, dtype=np.float32)  # along rows np.sum is slow
        for row in np.flatnonzero(~(np.abs(sums - 1) <= SUM_TOLERANCE + ROUNDING))[:1]:
            raise UserError(f"its probabilities of rating {row} of {part} sum to {sums[row]:.6g}; they sum to 1")
        if n and prediction.probabilities.min() < -ROUNDING:
            raise UserError(f"a probability of {part} is {prediction.probabilities.min():g}; it is from 0 to 1")
