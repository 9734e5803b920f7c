"""What a scorer is built from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cfce.errors import UserError
from cfce.scale import RatingScale

if TYPE_CHECKING:
    from torch import nn

    from cfce.splits import Part

OUTPUT_KINDS = {
    "dot": "a dot product of the user's vector and an item vector of its own, and a bias for the user and for the item",
    "bias": "a bias for the user and one for the item",
    "user": "a number for the user alone",
}
"""What an output of the built-in scorer is made of, in the order in which kinds may follow one another."""


@dataclass(frozen=True)
class Sizes:
    """The sizes of a model: embedding rows (the unknown row counted), latent factors, the rating scale and the outputs."""

    n_users: int
    n_items: int
    n_factors: int
    scale: RatingScale
    outputs: tuple[str, ...] = ("dot",)
    """The kind of each of the D outputs that the objective takes, a key of ``OUTPUT_KINDS``; a scorer of one's own sees D."""
    train: "Part | None" = field(default=None, compare=False, repr=False)
    """The ratings to train on, for a scorer whose structure depends on who rated what; None where a module is only drawn."""

    def __post_init__(self) -> None:
        kinds = list(OUTPUT_KINDS)
        known = set(self.outputs) <= set(kinds)
        if not known or "dot" not in self.outputs or sorted(self.outputs, key=kinds.index) != list(self.outputs):
            raise UserError(f"outputs {self.outputs} came; they are at least one 'dot', then any 'bias', then any 'user'")

    @property
    def n_outputs(self) -> int:
        """D, the outputs a rating."""
        return len(self.outputs)

    @property
    def n_dots(self) -> int:
        """How many outputs are dot products: the first of them."""
        return self.outputs.count("dot")

    @property
    def n_item_biases(self) -> int:
        """How many outputs have an item bias: the first of them."""
        return self.n_outputs - self.outputs.count("user")


Scorer = Callable[[Sizes], "nn.Module"]
"""Builds the module that gives scores: ``forward(user (B,), item (B,)) -> (B,)``, or ``(B, D)`` for D outputs."""
