"""Variants by name: one dict, one decorator."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cfce.errors import UserError, unknown_name
from cfce.models.sizes import Scorer

FAMILIES = ("regression", "classification", "baseline")


@dataclass(frozen=True)
class Variant:
    """A registered name for a scorer, an objective and default options."""

    name: str
    description: str
    objective: str
    """The name of a registered objective, or of a baseline."""
    scorer: Scorer | None
    """None for a baseline, which is fitted and not trained."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Training options that differ from ``TrainingOptions``; a flag beats them."""
    source: str = "cfce"
    """``'cfce'``, or the file or entry point that registered it."""

    @property
    def is_baseline(self) -> bool:
        """Whether this variant is fitted in closed form."""
        return self.scorer is None


VARIANTS: dict[str, Variant] = {}
"""Every registered variant; filled by ``register_variant`` when a module that defines variants is imported."""


def register(variant: Variant) -> Variant:
    """Put a variant under its name; a name that is taken raises ``UserError``."""
    if variant.name in VARIANTS:
        raise UserError(
            f"variant '{variant.name}' is registered already, by {VARIANTS[variant.name].source}; choose another name"
        )
    VARIANTS[variant.name] = variant
    return variant


def register_variant(
    name: str, description: str, *, objective: str, defaults: Mapping[str, Any] | None = None
) -> Callable[[Scorer], Scorer]:
    """Decorator: register the scorer that the function builds, trained with an objective.

    The function takes ``cfce.models.Sizes`` and gives an ``nn.Module`` with ``forward(user (B,), item (B,)) -> score (B,)``.
    """

    def put(scorer: Scorer) -> Scorer:
        register(Variant(name, description, objective, scorer, dict(defaults or {}), source=scorer.__module__))
        return scorer

    return put


def variant_named(name: str) -> Variant:
    """The variant of that name; an unknown name suggests the nearest and lists all."""
    if name not in VARIANTS:
        raise unknown_name("variant", name, VARIANTS)
    return VARIANTS[name]
