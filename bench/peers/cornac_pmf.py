# /// script
# requires-python = ">=3.11"
# dependencies = ["cornac==3.0.1", "numpy==2.4.6", "pandas==3.1.1", "pyarrow==26.0.1"]
#
# [tool.cfce]
# description = "Cornac's PMF: probabilistic matrix factorisation"
# source = "Salakhutdinov and Mnih 2008"
#
# [tool.cfce.options]
# k = { default = 10, help = "Length of a user's or item's vector.", low = 2, high = 100, log = true }
# max_iter = { default = 100, help = "Passes over train.", low = 20, high = 300, log = true }
# lr = { default = 0.001, help = "Learning rate of RMSprop.", low = 0.0001, high = 0.02, log = true }
# lambda_reg = { default = 0.001, help = "L2 of the vectors.", low = 0.0001, high = 0.3, log = true }
# ///
"""Cornac's ``PMF``; the defaults are those of the first example of its documentation."""

from _cornac import fit_cornac
from cornac.models import PMF


def make(options, seed):
    """The model."""
    options = dict(options)
    return PMF(learning_rate=options.pop("lr"), **options, seed=seed)


fit_cornac(make)
