"""Scorers: modules from (user, item) to a score."""

from cfce.models.collab_nn import collab_nn
from cfce.models.dot_product_bias import dot_product_bias
from cfce.models.dot_product_bias_implicit import dot_product_bias_implicit
from cfce.models.sizes import Scorer, Sizes

__all__ = ["BUILT_IN_SCORERS", "Scorer", "Sizes", "collab_nn", "dot_product_bias", "dot_product_bias_implicit"]

BUILT_IN_SCORERS: tuple[Scorer, ...] = (dot_product_bias, dot_product_bias_implicit, collab_nn)
"""Scorers that give as many scores as any objective takes."""
