"""Bayesian matrix factorisation by Gibbs sampling: ordered probit or Gaussian, with priors from implicit feedback."""
