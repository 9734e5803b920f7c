"""Scorers: modules from (user, item) to a score."""

from cfce.models.dot_product_bias import dot_product_bias
from cfce.models.sizes import Scorer, Sizes

__all__ = ["Scorer", "Sizes", "dot_product_bias"]
