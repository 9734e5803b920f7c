"""What a scorer is built from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cfce.scale import RatingScale

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Sizes:
    """The sizes of a model: embedding rows (the unknown row counted), latent factors, and the rating scale."""

    n_users: int
    n_items: int
    n_factors: int
    scale: RatingScale


Scorer = Callable[[Sizes], "nn.Module"]
"""Builds the module that gives a score: ``forward(user (B,), item (B,)) -> (B,)``."""
