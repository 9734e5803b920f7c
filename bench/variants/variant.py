"""Variants by name: a registered name for an estimator and its default options."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, overload

from cfce.errors import UserError, unknown_name
from cfce.estimators import Estimator, Network
from cfce.estimators.estimator import FAMILIES
from cfce.models.sizes import Scorer
from cfce.options import Option
from cfce.registry import Registry


@dataclass(frozen=True)
class Variant:
    """A registered name for an estimator and default options."""

    name: str
    description: str
    estimator: Estimator
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Options that differ from the estimator's own; a flag beats them, and they beat a preset."""

    @property
    def family(self) -> str:
        """``'regression'``, ``'classification'``, ``'ordinal'`` or ``'baseline'``."""
        return self.estimator.family

    @property
    def options(self) -> dict[str, Option]:
        """The options of the estimator."""
        return self.estimator.options()


VARIANTS: Registry[Variant] = Registry("variant")
"""Every registered variant; filled when a module that defines variants is imported."""


def trained_variant(name: str) -> Variant:
    """The variant of a name that a command takes which is for networks alone; those are what an unknown name is told.

    A baseline is found too: the command says what it lacks.
    """
    if name not in VARIANTS:
        raise unknown_name("variant", name, [one for one, part in VARIANTS.items() if isinstance(part.estimator, Network)])
    return VARIANTS[name]


@overload
def register_variant(
    name: str, description: str, *, objective: str, defaults: Mapping[str, Any] | None = None
) -> Callable[[Scorer], Scorer]: ...
@overload
def register_variant(
    name: str, description: str, *, estimator: Estimator, defaults: Mapping[str, Any] | None = None
) -> Variant: ...
def register_variant(
    name: str,
    description: str,
    *,
    objective: str | None = None,
    estimator: Estimator | None = None,
    defaults: Mapping[str, Any] | None = None,
) -> Variant | Callable[[Scorer], Scorer]:
    """Register an estimator, or, as a decorator, the scorer that a function builds, trained with an objective.

    The decorated function takes ``cfce.models.Sizes`` and gives an ``nn.Module`` with
    ``forward(user (B,), item (B,)) -> scores (B,) or (B, D)``. ``defaults`` are options that differ from the estimator's.

    Raises ``UserError`` for a name that is taken, and for a default that is no option or not of its type.
    """
    if estimator is not None:
        return _register(Variant(name, description, estimator, dict(defaults or {})))
    if objective is None:
        raise UserError(f"variant '{name}' came without an objective and without an estimator; name one of them")

    def put(scorer: Scorer) -> Scorer:
        _register(Variant(name, description, Network(scorer, objective), dict(defaults or {})))
        return scorer

    return put


def _register(variant: Variant) -> Variant:
    if variant.family not in FAMILIES:
        raise unknown_name("family", str(variant.family), FAMILIES)
    options = variant.options
    if not isinstance(options, Mapping) or not all(isinstance(one, Option) for one in options.values()):
        raise UserError(
            f"variant '{variant.name}' has options of {type(options).__name__}; they are a mapping of names to Option"
        )
    for name in variant.defaults:
        if name not in options:
            raise UserError(
                f"variant '{variant.name}' has the default '{name}', which is no option of it; allowed: {', '.join(options)}"
            )
    variant.estimator.with_options(variant.defaults)
    return VARIANTS.register(variant.name, variant)
