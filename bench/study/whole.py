"""Where the files of a trial lie, and whether they are those that its record names by their SHA-256."""

from pathlib import Path

from bench.study.files import sha256_of
from bench.study.formats import PREDICTIONS, read_record
from bench.study.record import Record

SCORES = "scores"
"""The folder of the scores of trials that keep no predictions."""


def read_named_record(path: Path) -> Record:
    """The record in a file of its own name; ``ValueError`` with the reason where it cannot be used."""
    record = read_record(path)
    if record.trial_id != path.stem:
        raise ValueError(f"it holds trial {record.trial_id}")
    return record


def check_predictions(path: Path, record: Record) -> None:
    """Raise ``ValueError`` where a file is not the predictions that the record names by their SHA-256."""
    _check(path, record.prediction_sha256, "predictions")


def check_scores(path: Path, record: Record) -> None:
    """Raise ``ValueError`` where a file is not the scores that the record names by their SHA-256."""
    _check(path, record.scores_sha256, "scores")


def _check(path: Path, digest: str | None, what: str) -> None:
    if digest is None:
        raise ValueError(f"its record has no SHA-256 of {what}")
    try:
        found = sha256_of(path)
    except FileNotFoundError:
        raise ValueError(f"its {what} are missing") from None
    if found != digest:
        raise ValueError(f"its {what} do not match their SHA-256")


def prediction_path(folder: Path, trial_id: str) -> Path:
    """Where a trial's predictions lie in a study of any format."""
    old, new = (folder / PREDICTIONS[number] / f"{trial_id}.parquet" for number in (0, 1))
    return old if old.exists() and not new.exists() else new


def score_path(folder: Path, trial_id: str) -> Path:
    """Where the scores of a trial lie that keeps no predictions."""
    return folder / SCORES / f"{trial_id}.parquet"
