# /// script
# requires-python = ">=3.11"
# dependencies = ["lenskit==2025.8.1", "numpy==2.4.6", "pandas==2.3.3", "pyarrow==26.0.1"]
#
# [tool.cfce]
# description = "LensKit's BiasScorer: damped user and item means"
# source = "Ekstrand 2020, 10.1145/3340531.3412778"
# seed = false
#
# [tool.cfce.options]
# damping = { default = 5.0, help = "Shrinkage of biases, in ratings.", low = 0.1, high = 50.0, log = true }
# ///
"""LensKit's ``BiasScorer``."""

from _lenskit import fit_lenskit
from lenskit.basic import BiasScorer

fit_lenskit(lambda options: BiasScorer(damping=options["damping"]))
