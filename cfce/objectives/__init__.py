"""Objectives: what turns scores into a loss and into a prediction.

>>> sorted(name for name, objective in OBJECTIVES.items() if objective.family == "ordinal")
['corn', 'cumulative-logit', 'cumulative-probit', 'ordrec', 'rps']
"""

from cfce.objectives.base import Head, Objective, usable_kernel
from cfce.objectives.corn import Corn
from cfce.objectives.cross_entropy import CrossEntropy
from cfce.objectives.cross_entropy_sigmoid import CrossEntropySigmoid
from cfce.objectives.cumulative_logit import CumulativeLogit
from cfce.objectives.cumulative_probit import CumulativeProbit
from cfce.objectives.gaussian import Gaussian
from cfce.objectives.hl_gauss import HLGauss
from cfce.objectives.kernel import Kernel
from cfce.objectives.ordrec import OrdRec
from cfce.objectives.registry import OBJECTIVES, objective_named, register_objective
from cfce.objectives.rps import RankedProbabilityScore
from cfce.objectives.softmax import Softmax
from cfce.objectives.squared_error import SquaredError
from cfce.objectives.squared_error_linear import LinearSquaredError

for objective in (
    SquaredError(),
    LinearSquaredError(),
    Gaussian(),
    CrossEntropySigmoid(),
    CrossEntropy(),
    Softmax(),
    HLGauss(),
    CumulativeLogit(),
    CumulativeProbit(),
    OrdRec(),
    RankedProbabilityScore(),
    Corn(),
):
    register_objective(objective)

__all__ = ["OBJECTIVES", "Head", "Kernel", "Objective", "objective_named", "register_objective", "usable_kernel"]
