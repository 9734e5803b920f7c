# /// script
# requires-python = ">=3.11"
# dependencies = ["cornac==3.0.1", "numpy==2.4.6", "pandas==3.1.1", "pyarrow==26.0.1"]
#
# [tool.cfce]
# description = "Cornac's MF: biased matrix factorisation by a step a rating"
# source = "Salah 2020, jmlr.org/papers/v21/19-805.html"
#
# [tool.cfce.options]
# k = { default = 10, help = "Length of a user's or item's vector.", low = 2, high = 100, log = true }
# max_iter = { default = 25, help = "Passes over train.", low = 5, high = 100, log = true }
# lr = { default = 0.01, help = "Learning rate.", low = 0.001, high = 0.05, log = true }
# lambda_reg = { default = 0.02, help = "L2 of every parameter.", low = 0.002, high = 0.3, log = true }
# ///
"""Cornac's ``MF``; the defaults are those of the first example of its documentation."""

from _cornac import fit_cornac
from cornac.models import MF


def make(options, seed):
    """The model, on one thread."""
    options = dict(options)
    return MF(learning_rate=options.pop("lr"), **options, use_bias=True, seed=seed)


fit_cornac(make)
