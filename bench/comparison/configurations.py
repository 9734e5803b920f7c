"""Configurations: what is compared: every trial of a variant that differs only in learning rate, split, seed and order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.study.record import Record

PARTS_OF_A_CONFIGURATION = ("engine", "device", "sampler", "epochs", "batch_size", "weight_decay", "n_factors")
"""What tells two configurations of one variant apart."""


@dataclass(frozen=True)
class Configuration:
    """One contestant of a study and its trials by learning rate, failed and diverged ones too, in plan order."""

    name: str
    """The variant's name, and in brackets whatever tells it from other configurations of the variant: ``'ce (bootstrap)'``."""
    variant: str
    family: str
    """``'regression'``, ``'classification'`` or ``'baseline'``."""
    trials: Mapping[float, tuple[Record, ...]]

    @property
    def records(self) -> tuple[Record, ...]:
        """Every trial of the configuration."""
        return tuple(record for records in self.trials.values() for record in records)


def configurations_of(records: Iterable[Record], variants: Mapping[str, Mapping[str, Any]]) -> dict[str, Configuration]:
    """The configurations of a study by name, in the order in which they come; ``variants`` is that of ``study.json``."""
    found: dict[tuple[Any, ...], dict[float, list[Record]]] = {}
    for record in records:
        rates = found.setdefault(_key(record), {})
        rates.setdefault(record.trial.options.learning_rate, []).append(record)
    configurations = {}
    for key, rates in found.items():
        variant = key[0]
        name = _name(key, [other for other in found if other[0] == variant])
        family = str(variants.get(variant, {}).get("family", "classification"))
        configurations[name] = Configuration(name, variant, family, {rate: tuple(rates[rate]) for rate in sorted(rates)})
    return configurations


def _key(record: Record) -> tuple[Any, ...]:
    trial, options = record.trial, record.trial.options
    own = {"engine": trial.engine, "device": trial.device}
    return (trial.variant, *(own.get(part, getattr(options, part, None)) for part in PARTS_OF_A_CONFIGURATION))


def _name(key: tuple[Any, ...], same_variant: list[tuple[Any, ...]]) -> str:
    differing = [
        f"{value}" if isinstance(value, str) else f"{part.replace('_', ' ')} {value:g}"
        for at, (part, value) in enumerate(zip(PARTS_OF_A_CONFIGURATION, key[1:], strict=True), 1)
        if len({other[at] for other in same_variant}) > 1
    ]
    return f"{key[0]} ({', '.join(differing)})" if differing else str(key[0])
