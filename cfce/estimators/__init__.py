"""Estimators: anything that can be fitted to a fold and then predicts held-out ratings."""

from cfce.estimators.bias import Bias
from cfce.estimators.constant import Constant
from cfce.estimators.direct import DirectEstimator, Predictor
from cfce.estimators.estimator import Estimator, Task
from cfce.estimators.gibbs import BayesGaussian, BayesOrdinal
from cfce.estimators.network import Network
from cfce.estimators.program import Program

__all__ = [
    "BayesGaussian",
    "BayesOrdinal",
    "Bias",
    "Constant",
    "DirectEstimator",
    "Estimator",
    "Network",
    "Predictor",
    "Program",
    "Task",
]
