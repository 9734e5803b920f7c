"""Objectives: what turns scores into a loss and into a prediction.

>>> sorted(OBJECTIVES)
['cross-entropy', 'cross-entropy-sigmoid', 'squared-error']
"""

from cfce.objectives.base import Head, Objective
from cfce.objectives.cross_entropy import CrossEntropy
from cfce.objectives.cross_entropy_sigmoid import CrossEntropySigmoid
from cfce.objectives.kernel import Kernel
from cfce.objectives.registry import OBJECTIVES, objective_named, register_objective
from cfce.objectives.squared_error import SquaredError

register_objective(SquaredError())
register_objective(CrossEntropySigmoid())
register_objective(CrossEntropy())

__all__ = ["OBJECTIVES", "Head", "Kernel", "Objective", "objective_named", "register_objective"]
