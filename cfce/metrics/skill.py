"""Skill: how much of a reference prediction's loss a prediction saves."""

import math


def skill(loss: float, reference: float) -> float:
    """1 - loss / reference: 1 for no loss, 0 for the reference's, negative for more.

    NaN for a reference without loss, and for one of infinite loss, of which any loss saves all.

    For a score that is better when higher and at best 1, such as accuracy, see ``accuracy_skill``.

    >>> round(skill(0.9, 1.125), 4)
    0.2
    """
    return 1 - loss / reference if reference and math.isfinite(reference) else math.nan


def accuracy_skill(accuracy: float, reference: float) -> float:
    """The skill of the error rate, 1 - accuracy: (accuracy - reference) / (1 - reference).

    With a reference of 1/K it is the normalized accuracy; with the accuracy of a constant prediction it says how much of
    the distance from "always the same level" to "always right" was gone.

    >>> round(accuracy_skill(0.415, 0.342), 3)
    0.111
    """
    return skill(1 - accuracy, 1 - reference)
