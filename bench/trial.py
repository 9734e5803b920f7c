"""A trial: one training as a frozen value whose id is a hash of its content."""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from cfce.options import TrainingOptions


@dataclass(frozen=True)
class Trial:
    """Everything that could change a training's result, and nothing else."""

    dataset: str
    data_fingerprint: str
    protocol: str
    variant: str
    engine: str
    device: str
    split: int
    """Which fold of the protocol."""
    seed: int
    """Where the initial weights come from."""
    order: int
    """Where the order of the batches comes from."""
    options: TrainingOptions
    code: str
    """Hash of the source and library versions that train this variant with this engine."""

    @cached_property
    def trial_id(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the trial's canonical JSON."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """The trial as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Trial":
        """The trial that ``to_json`` wrote."""
        return cls(**{**content, "options": TrainingOptions(**content["options"])})
