"""Tuning: a search for the options of each variant with the same budget, scored on valid, nested inside the folds."""
