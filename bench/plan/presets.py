"""Presets: what a plan holds where no flag says otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from cfce.registry import Registry

Grid = Mapping[str, tuple[Any, ...]]
"""Option name to the values that a plan crosses."""


@dataclass(frozen=True)
class Preset:
    """The grid of a plan before flags."""

    description: str
    options: Grid
    """For networks."""
    seeds: int
    protocol: str = "random-80-10-10"
    of_variant: Mapping[str, Grid] = field(default_factory=lambda: MappingProxyType({}))
    """Values of a variant that differ from ``options``."""
    n_ratings: int | None = None
    """Only the first ratings of the dataset; None for all."""


PRESETS: Registry[Preset] = Registry("preset")

PRESETS.register(
    "quick",
    Preset(
        "seconds: one epoch, two seeds, the first 5,000 ratings; to see that everything works",
        options={"learning_rate": (5e-3, 0.1), "epochs": (1,)},
        seeds=2,
        n_ratings=5_000,
    ),
)
PRESETS.register(
    "default",
    Preset(
        "three variants, six learning rates, five seeds, five epochs",
        options={"learning_rate": (1e-3, 2e-3, 5e-3, 1e-2, 3e-2, 0.1), "epochs": (5,)},
        seeds=5,
    ),
)
PRESETS.register(
    "blog",
    Preset(
        "the published comparison over 20 seeds, with its sampler and with a permutation",
        options={"learning_rate": (5e-3,), "epochs": (5,), "sampler": ("bootstrap", "permutation")},
        seeds=20,
        protocol="random-80-20",
        of_variant={"ce": {"learning_rate": (5e-3, 0.1)}},
    ),
)
