"""A trial: one fit as a frozen value whose id is a hash of its content."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cfce.options import Option, OptionValues

NO_RATE = math.nan
"""The learning rate of what has none: one object, so that it can be a key."""

EXTERNAL = "external"
"""What predictions that were not made here have for their engine."""


@dataclass(frozen=True)
class Trial:
    """Everything that could change a fit's result, and nothing else."""

    dataset: str
    data_fingerprint: str
    protocol: str
    variant: str
    engine: str
    """The engine that trains a network, or the label of another estimator."""
    device: str
    split: int
    """Which fold of the protocol."""
    seed: int
    """Where the initial weights come from."""
    order: int
    """Where the order of the batches comes from."""
    options: OptionValues
    """Every option of the estimator by name."""
    code: str
    """Hash of the source and library versions that fit this."""
    trial_id: str = field(default="", compare=False)
    """The first 16 hexadecimal digits of a SHA-256, made once and stored: see ``identified``."""

    def identified(self, options: Mapping[str, Option]) -> "Trial":
        """The trial with its id, the hash of its canonical JSON in which options at their default are left out.

        So an option that is added later, at its default, changes no id.
        """
        told = {name: value for name, value in self.options.items() if name not in options or value != options[name].default}
        text = json.dumps({**self.to_json(), "options": told}, sort_keys=True, separators=(",", ":"))
        return replace(self, trial_id=hashlib.sha256(text.encode()).hexdigest()[:16])

    @property
    def contestant(self) -> tuple[str, ...]:
        """What is fitted, on what and how: trials of two code versions are not averaged under one."""
        return self.protocol, self.variant, self.engine, self.device

    @property
    def place(self) -> "Trial":
        """What the trial is of but its options, whatever code fits it."""
        return replace(self, code="", trial_id="", options=OptionValues())

    def differs_from(self, stored: "Trial", defaults: Mapping[str, Any]) -> bool:
        """Whether a stored trial of the same place has another value of an option; one that it lacks had its default."""
        return any(stored.options.get(name, defaults.get(name, value)) != value for name, value in self.options.items())

    @property
    def learning_rate(self) -> float:
        """The learning rate; ``NO_RATE`` where the estimator has none."""
        return float(self.options.get("learning_rate", NO_RATE))

    def to_json(self) -> dict[str, Any]:
        """The trial as plain JSON values, without its id."""
        content = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "trial_id"}
        return {**content, "options": dict(self.options)}

    @classmethod
    def from_json(cls, content: dict[str, Any], trial_id: str) -> "Trial":
        """The trial that ``to_json`` wrote, with its stored id."""
        return cls(**{**content, "options": OptionValues(content["options"])}, trial_id=trial_id)
