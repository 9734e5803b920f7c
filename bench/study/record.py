"""What a study keeps of a trial: its content, its status, its losses and what it cost."""

from dataclasses import asdict, dataclass
from typing import Any

from bench.trial import Trial
from cfce.training.task import Epoch

STATUSES = ("ok", "diverged", "failed")


@dataclass(frozen=True)
class Record:
    """The record of one finished trial, as ``trials/<trial_id>.json`` holds it."""

    trial: Trial
    status: str
    """``'ok'``, ``'diverged'`` (a loss was not finite) or ``'failed'`` (an exception or a dead worker)."""
    reason: str = ""
    """Why, where the status is not ``'ok'``."""
    history: tuple[Epoch, ...] = ()
    fit_seconds: float | None = None
    peak_memory_mb: float | None = None
    n_parameters: int | None = None
    unknown: tuple[tuple[str, int, int], ...] = ()
    """Part, ratings whose user train lacks, ratings whose item train lacks."""
    prediction_sha256: str | None = None
    """The SHA-256 of ``predictions/<trial_id>.parquet``; None where no prediction was written."""

    @property
    def trial_id(self) -> str:
        """The id of the trial."""
        return self.trial.trial_id

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON values."""
        return {**asdict(self), "trial": self.trial.to_json(), "trial_id": self.trial_id}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Record":
        """The record that ``to_json`` wrote."""
        fields = {name: value for name, value in content.items() if name != "trial_id"}
        fields["trial"] = Trial.from_json(fields["trial"])
        fields["history"] = tuple(Epoch(**epoch) for epoch in fields["history"])
        fields["unknown"] = tuple((part, users, items) for part, users, items in fields["unknown"])
        return cls(**fields)
