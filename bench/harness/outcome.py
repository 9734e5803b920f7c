"""What a worker gives back of a trial: its record, its predictions as bytes, and its scores for the terminal."""

from dataclasses import dataclass
from typing import Any

from bench.study.record import Record


@dataclass(frozen=True)
class Outcome:
    """A finished trial. Scores are those of valid."""

    record: Record
    predictions: bytes | None = None
    """The Parquet file of its predictions; None where it has none."""
    valid_loss: float | None = None
    rmse: float | None = None
    accuracy: float | None = None
    printed: str = ""
    """What a program printed."""
    rows: bytes | None = None
    """The Parquet file of the held-out rows that the predictions are of, the same for every trial of the fold.
    None where an earlier outcome of the run brought it."""
    scores: Any = None
    """What the report needs of the predictions, where the worker made it."""
