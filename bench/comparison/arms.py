"""Arms: what is compared. An arm is every trial of a variant that differs only in learning rate, split, seed and order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.study.record import Record

PARTS_OF_AN_ARM = ("engine", "device", "sampler", "epochs", "batch_size", "weight_decay", "n_factors")
"""What tells two arms of one variant apart."""


@dataclass(frozen=True)
class Arm:
    """One contestant of a study and its trials by learning rate, failed and diverged ones too, in plan order."""

    name: str
    """The variant's name, and in brackets whatever tells it from other arms of the variant: ``'ce (bootstrap)'``."""
    variant: str
    family: str
    """``'regression'``, ``'classification'`` or ``'baseline'``."""
    trials: Mapping[float, tuple[Record, ...]]

    @property
    def records(self) -> tuple[Record, ...]:
        """Every trial of the arm."""
        return tuple(record for records in self.trials.values() for record in records)


def arms_of(records: Iterable[Record], variants: Mapping[str, Mapping[str, Any]]) -> dict[str, Arm]:
    """The arms of a study by name, in the order in which they come; ``variants`` is that of ``study.json``."""
    found: dict[tuple[Any, ...], dict[float, list[Record]]] = {}
    for record in records:
        rates = found.setdefault(_key(record), {})
        rates.setdefault(record.trial.options.learning_rate, []).append(record)
    arms = {}
    for key, rates in found.items():
        variant = key[0]
        name = _name(key, [other for other in found if other[0] == variant])
        family = str(variants.get(variant, {}).get("family", "classification"))
        arms[name] = Arm(name, variant, family, {rate: tuple(rates[rate]) for rate in sorted(rates)})
    return arms


def _key(record: Record) -> tuple[Any, ...]:
    trial, options = record.trial, record.trial.options
    own = {"engine": trial.engine, "device": trial.device}
    return (trial.variant, *(own.get(part, getattr(options, part, None)) for part in PARTS_OF_AN_ARM))


def _name(key: tuple[Any, ...], same_variant: list[tuple[Any, ...]]) -> str:
    differing = [
        f"{value}" if isinstance(value, str) else f"{part.replace('_', ' ')} {value:g}"
        for at, (part, value) in enumerate(zip(PARTS_OF_AN_ARM, key[1:], strict=True), 1)
        if len({other[at] for other in same_variant}) > 1
    ]
    return f"{key[0]} ({', '.join(differing)})" if differing else str(key[0])
