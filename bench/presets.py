"""Presets: what a plan holds where no flag says otherwise."""

from dataclasses import dataclass, field
from types import MappingProxyType

from cfce.errors import unknown_name


@dataclass(frozen=True)
class Preset:
    """The grid of a plan before flags: ``own_rates`` are the learning rates of a variant that differ from ``learning_rates``."""

    description: str
    learning_rates: tuple[float, ...]
    seeds: int
    epochs: int = 5
    protocol: str = "random-80-10-10"
    samplers: tuple[str, ...] = ("permutation",)
    own_rates: MappingProxyType[str, tuple[float, ...]] = field(default_factory=lambda: MappingProxyType({}))
    n_ratings: int | None = None
    """Only the first ratings of the dataset; None for all."""


PRESETS = {
    "quick": Preset(
        "seconds: one epoch, two seeds, the first 5,000 ratings; to see that everything works",
        learning_rates=(5e-3, 0.1),
        seeds=2,
        epochs=1,
        n_ratings=5_000,
    ),
    "default": Preset(
        "three variants, four learning rates, five seeds, five epochs",
        learning_rates=(5e-3, 1e-2, 3e-2, 0.1),
        seeds=5,
    ),
    "blog": Preset(
        "the published comparison over 20 seeds, with its sampler and with a permutation",
        learning_rates=(5e-3,),
        seeds=20,
        protocol="random-80-20",
        samplers=("bootstrap", "permutation"),
        own_rates=MappingProxyType({"ce": (5e-3, 0.1)}),
    ),
}


def preset_named(name: str) -> Preset:
    """The preset of that name; an unknown name suggests the nearest and lists all."""
    if name not in PRESETS:
        raise unknown_name("preset", name, PRESETS)
    return PRESETS[name]
