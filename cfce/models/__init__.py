"""Scorers: modules from (user, item) to a score."""

from cfce.models.collab_nn import collab_nn
from cfce.models.dot_product_bias import dot_product_bias
from cfce.models.dot_product_bias_implicit import dot_product_bias_implicit
from cfce.models.sizes import Scorer, Sizes

__all__ = ["Scorer", "Sizes", "collab_nn", "dot_product_bias", "dot_product_bias_implicit"]
