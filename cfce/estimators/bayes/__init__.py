"""Bayesian matrix factorisation by Gibbs sampling: ordered probit or Gaussian, with priors from implicit feedback."""

from cfce.estimators.bayes.fit import BayesFit, fit_bayes
from cfce.estimators.bayes.options import LIKELIHOODS, BayesOptions

__all__ = ["LIKELIHOODS", "BayesFit", "BayesOptions", "fit_bayes"]
