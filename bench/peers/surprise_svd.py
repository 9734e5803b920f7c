# /// script
# requires-python = ">=3.11"
# dependencies = ["scikit-surprise==1.1.5", "numpy==2.4.6", "pandas==3.1.1", "pyarrow==26.0.1"]
#
# [tool.cfce]
# description = "Surprise's SVD: biased matrix factorisation by a step a rating"
# source = "Hug 2020, 10.21105/joss.02174"
#
# [tool.cfce.options]
# n_factors = { default = 100, help = "Length of a user's or item's vector.", low = 10, high = 400, log = true }
# n_epochs = { default = 20, help = "Passes over train.", low = 5, high = 100, log = true }
# lr_all = { default = 0.005, help = "Learning rate of every parameter.", low = 0.001, high = 0.03, log = true }
# reg_all = { default = 0.02, help = "L2 of every parameter.", low = 0.005, high = 0.3, log = true }
# ///
"""Surprise's ``SVD``; at 200 factors, 50 epochs, lr_all .01 and reg_all .1 it is close to tuned on MovieLens 100k."""

from _surprise import fit_surprise
from surprise import SVD

fit_surprise(lambda options, seed: SVD(**options, random_state=seed))
