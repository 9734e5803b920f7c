"""Estimators beside the networks and the baselines: each is fitted to train and predicts the held-out parts."""
