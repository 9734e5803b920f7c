# /// script
# requires-python = ">=3.11"
# dependencies = ["scikit-surprise==1.1.5", "numpy==2.4.6", "pandas==3.1.1", "pyarrow==26.0.1"]
#
# [tool.cfce]
# description = "Surprise's KNNBaseline: nearest items or users around baselines"
# source = "Koren 2010, 10.1145/1644873.1644874"
# seed = false
#
# [tool.cfce.options]
# k = { default = 40, help = "Neighbours at most.", low = 5, high = 100, log = true }
# user_based = { default = false, help = "Neighbours are users, else items.", choices = [false, true] }
# similarity = { default = "pearson_baseline", help = "How alike two are.", choices = ["pearson_baseline", "msd", "cosine"] }
# shrinkage = { default = 100, help = "Of pearson_baseline, in ratings.", low = 1, high = 500, log = true }
# ///
"""Surprise's ``KNNBaseline``; the defaults are those of its published benchmark of items by Pearson's baseline similarity."""

from _surprise import fit_surprise
from surprise import KNNBaseline


def make(options, seed):
    """The algorithm; it has no randomness."""
    alike = {"name": options["similarity"], "user_based": options["user_based"], "shrinkage": options["shrinkage"]}
    return KNNBaseline(k=options["k"], sim_options=alike, verbose=False)


fit_surprise(make)
