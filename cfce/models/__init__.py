"""Scorers: modules from (user, item) to a score."""

from cfce.models.sizes import Scorer, Sizes

__all__ = ["Scorer", "Sizes"]
