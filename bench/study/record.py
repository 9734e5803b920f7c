"""What a study keeps of a trial: its content, its status, its losses and what it cost."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.plan.trial import Trial
from cfce.engines.task import Epoch

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
    sizes: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Part to its number of ratings, train too; empty where they are not known."""
    external: bool = False
    """Whether the predictions were made elsewhere and added."""
    outdated: bool = False
    """Whether the record was written in an older format, by code that cannot be told apart from this version's."""
    timed: str = "fit"
    """What ``fit_seconds`` are of: ``'fit'``, or ``'process'``: a program's start and its files are in them."""
    rows_sha256: str | None = None
    """The SHA-256 of the ``predictions/rows-<id>.parquet`` that the predictions are of; None where they hold their rows."""
    host: str = ""
    """The machine that fitted it, where that need not be the one of the command."""

    scores_sha256: str | None = None
    """The SHA-256 of ``scores/<trial_id>.parquet`` of a trial that keeps its scores and no predictions; else None."""
    users_sha256: str | None = None
    """The SHA-256 of the ``scores/users-<id>.parquet`` that the scores are of."""

    @property
    def keeps_predictions(self) -> bool:
        """Whether a trial that is ``ok`` has its predictions, or else its scores alone."""
        return self.scores_sha256 is None

    @property
    def trial_id(self) -> str:
        """The id of the trial."""
        return self.trial.trial_id

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON values."""
        absent = {"outdated"} | ({"timed"} if self.timed == "fit" else set()) | (set() if self.host else {"host"})
        absent |= {"scores_sha256", "users_sha256"} if self.keeps_predictions else set()
        content = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in absent}
        return {
            **content,
            "trial": self.trial.to_json(),
            "trial_id": self.trial_id,
            "history": [asdict(epoch) for epoch in self.history],
            "unknown": [list(one) for one in self.unknown],
            "sizes": dict(self.sizes),
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Record":
        """The record that ``to_json`` wrote; what a later version put beside it is left out."""
        found = {name: value for name, value in content.items() if name in cls.__dataclass_fields__}
        found["trial"] = Trial.from_json(found["trial"], content["trial_id"])
        found["history"] = tuple(Epoch(**epoch) for epoch in found["history"])
        found["unknown"] = tuple((part, users, items) for part, users, items in found["unknown"])
        return cls(**found)
