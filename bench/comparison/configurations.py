"""Configurations: what is compared: every trial of a variant that differs only in learning rate, split, seed and order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.study.record import Record

CHOSEN = ("learning_rate",)
"""The options that valid chooses within a configuration; every other one tells configurations apart."""


@dataclass(frozen=True)
class Configuration:
    """One contestant of a study and its trials by learning rate, failed and diverged ones too, in plan order."""

    name: str
    """The variant's name, and in brackets whatever tells it from other configurations of the variant: ``'ce (bootstrap)'``."""
    variant: str
    family: str
    """``'regression'``, ``'classification'``, ``'ordinal'`` or ``'baseline'``."""
    protocol: str
    trials: Mapping[float, tuple[Record, ...]]
    """By learning rate; ``NO_RATE`` is the key of those that have none."""
    ensemble_of: "Configuration | None" = None
    """The configuration whose seed ensembles these are; None for trials."""

    @property
    def records(self) -> tuple[Record, ...]:
        """Every trial of the configuration."""
        return tuple(record for records in self.trials.values() for record in records)


Key = tuple[tuple[str, Any], ...]
"""What makes a configuration: the names and values of everything that it does not choose."""


def configurations_of(records: Iterable[Record], variants: Mapping[str, Mapping[str, Any]]) -> dict[str, Configuration]:
    """The configurations of a study by name, in the order in which they occur; ``variants`` is that of ``study.json``.

    A name that would repeat another's, as external predictions may be called ``'ce (bootstrap)'``, gets an apostrophe.
    """
    found: dict[Key, dict[float, list[Record]]] = {}
    for record in records:
        rates = found.setdefault(_key(record), {})
        rates.setdefault(record.trial.learning_rate, []).append(record)
    configurations: dict[str, Configuration] = {}
    for key, rates in found.items():
        told = dict(key)
        variant = str(told["variant"])
        name = _name(key, [other for other in found if dict(other)["variant"] == variant])
        while name in configurations:
            name += "'"
        family = str(variants.get(variant, {}).get("family", "classification"))
        by_rate = {rate: tuple(rates[rate]) for rate in sorted(rates)}
        configurations[name] = Configuration(name, variant, family, str(told["protocol"]), by_rate)
    return configurations


def ensemble_name(configuration: str) -> str:
    """How the seed ensembles of a configuration are called."""
    return f"{configuration}, seed ensemble"


def _key(record: Record) -> Key:
    trial = record.trial
    fixed = {"variant": trial.variant, "protocol": trial.protocol, "engine": trial.engine, "device": trial.device}
    return tuple({**fixed, **{name: value for name, value in trial.options.items() if name not in CHOSEN}}.items())


def _name(key: Key, same_variant: list[Key]) -> str:
    """The variant, and the parts in which configurations of it differ; an option that some lack is told where it is there."""
    others = [dict(other) for other in same_variant]
    differing = [
        f"{value}" if isinstance(value, str) else f"{part.replace('_', ' ')} {value:g}"
        for part, value in key
        if part != "variant" and len({other[part] for other in others if part in other}) > 1
    ]
    variant = dict(key)["variant"]
    return f"{variant} ({', '.join(differing)})" if differing else str(variant)
