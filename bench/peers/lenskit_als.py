# /// script
# requires-python = ">=3.11"
# dependencies = ["lenskit==2025.8.1", "numpy==2.4.6", "pandas==2.3.3", "pyarrow==26.0.1"]
#
# [tool.cfce]
# description = "LensKit's BiasedMF: factors around biases by alternating least squares"
# source = "Ekstrand 2020, 10.1145/3340531.3412778"
#
# [tool.cfce.options]
# embedding_size = { default = 50, help = "Length of a user's or item's vector.", low = 5, high = 200, log = true }
# als_epochs = { default = 10, help = "Alternations.", low = 3, high = 50, log = true }
# als_regularization = { default = 0.1, help = "L2 of the vectors.", low = 0.01, high = 1.0, log = true }
# damping = { default = 5.0, help = "Shrinkage of biases, in ratings.", low = 0.5, high = 50.0, log = true }
# ///
"""LensKit's ``BiasedMFScorer``, which its bias model stands in for where it cannot score."""

from _lenskit import fit_lenskit
from lenskit.als import BiasedMFScorer


def make(options):
    """The scorer; two options have names of their own, so that those of networks do not reach it."""
    return BiasedMFScorer(
        embedding_size=options["embedding_size"],
        epochs=options["als_epochs"],
        regularization=options["als_regularization"],
        damping=options["damping"],
    )


fit_lenskit(make)
