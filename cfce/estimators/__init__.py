"""Estimators beside the networks and the baselines: each is fitted to the train part of a fold and predicts the held-out parts."""
