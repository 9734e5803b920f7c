# /// script
# requires-python = ">=3.11"
# dependencies = ["scikit-surprise==1.1.5", "numpy==2.4.6", "pandas==3.1.1", "pyarrow==26.0.1"]
#
# [tool.cfce]
# description = "Surprise's SVD++: SVD with a vector for each item that a user rated"
# source = "Koren 2008, 10.1145/1401890.1401944"
#
# [tool.cfce.options]
# n_factors = { default = 20, help = "Length of a user's or item's vector.", low = 5, high = 100, log = true }
# n_epochs = { default = 20, help = "Passes over train.", low = 5, high = 60, log = true }
# lr_all = { default = 0.007, help = "Learning rate of every parameter.", low = 0.001, high = 0.03, log = true }
# reg_all = { default = 0.02, help = "L2 of every parameter.", low = 0.005, high = 0.3, log = true }
# ///
"""Surprise's ``SVDpp``; the ratings of each user are kept in memory, which makes it faster."""

from _surprise import fit_surprise
from surprise import SVDpp

fit_surprise(lambda options, seed: SVDpp(**options, cache_ratings=True, random_state=seed))
