# /// script
# requires-python = ">=3.11"
# dependencies = ["scikit-surprise==1.1.5", "numpy==2.4.6", "pandas==3.1.1", "pyarrow==26.0.1"]
#
# [tool.cfce]
# description = "Surprise's BaselineOnly: user and item biases by alternating least squares"
# source = "Koren 2010, 10.1145/1644873.1644874"
# seed = false
#
# [tool.cfce.options]
# n_epochs = { default = 10, help = "Alternations.", low = 2, high = 30, log = true }
# reg_u = { default = 15.0, help = "Shrinkage of a user's bias, in ratings.", low = 1.0, high = 50.0, log = true }
# reg_i = { default = 10.0, help = "Shrinkage of an item's bias, in ratings.", low = 1.0, high = 50.0, log = true }
# ///
"""Surprise's ``BaselineOnly`` with its default method, ALS."""

from _surprise import fit_surprise
from surprise import BaselineOnly

fit_surprise(lambda options, seed: BaselineOnly(bsl_options={"method": "als", **options}, verbose=False))
