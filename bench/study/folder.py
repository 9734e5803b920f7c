"""The study folder as 'bench run' writes it: where things lie, what of an earlier run is kept, and what is set aside."""

import shutil
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.study.files import read_json, sha256_of, write_json
from bench.study.record import Record
from cfce.errors import UserError

WORK = ".work"
"""Shared ratings and worker logs of the run that holds the folder."""

OWN_ENGINES = ("fastai", "torch", "fused", "baseline")
"""Engines whose trials a plan makes; records of any other engine were added from outside, and are kept."""


@dataclass
class Survey:
    """What an earlier run left: finished records by id, records added from outside, failed trials, and what was set aside."""

    kept: dict[str, Record] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    failed: int = 0
    set_aside: list[str] = field(default_factory=list)
    """One line a file: its name and why."""
    other_code: int = 0


class StudyFolder:
    """The paths of a study, and its upkeep under the lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.work = path / WORK

    def trial_file(self, trial_id: str) -> Path:
        """Where a trial's record lies."""
        return self.path / "trials" / f"{trial_id}.json"

    def prediction_file(self, trial_id: str) -> Path:
        """Where a trial's predictions lie."""
        return self.path / "predictions" / f"{trial_id}.parquet"

    def write_record(self, record: Record) -> None:
        """Write a record at once; it comes after its predictions, so a record always has them."""
        write_json(self.trial_file(record.trial_id), record.to_json())

    def create(self) -> None:
        """Make the folder; ``UserError`` where it cannot be made or written."""
        try:
            for name in ("trials", "predictions"):
                (self.path / name).mkdir(parents=True, exist_ok=True)
            probe = self.path / ".writable.tmp"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise UserError(
                f"'{self.path}' cannot be written ({error.strerror or error}); pass --out with a folder that can be"
            ) from error

    def clean(self) -> None:
        """Remove what a killed run left half-written."""
        shutil.rmtree(self.work, ignore_errors=True)
        for place in (self.path, self.path / "trials", self.path / "predictions"):
            for leftover in place.glob(".*.tmp"):
                leftover.unlink(missing_ok=True)

    def settings(self) -> dict[str, Any] | None:
        """``study.json``; None where there is none or it is torn (it is set aside then)."""
        try:
            return read_json(self.path / "study.json")
        except FileNotFoundError:
            return None
        except ValueError:
            self.set_aside(self.path / "study.json")
            return None

    def set_aside(self, path: Path) -> None:
        """Move a file or folder into ``set-aside/``, under a name that is free."""
        if not path.exists():
            return
        target = self.path / "set-aside" / path.name
        target.parent.mkdir(exist_ok=True)
        number = 2
        while target.exists():
            target = target.with_name(f"{path.stem}.{number}{path.suffix}")
            number += 1
        path.rename(target)

    def set_all_aside(self) -> None:
        """Move everything that an earlier run trained into ``set-aside/``."""
        for name in ("study.json", "trials", "predictions"):
            self.set_aside(self.path / name)
        self.create()

    def survey(self, wanted: Collection[str]) -> Survey:
        """Read every record; keep the whole ones that are wanted, set aside torn, edited and unwanted ones."""
        found = Survey()
        for path in sorted((self.path / "trials").glob("*.json")):
            try:
                record = self._read_whole(path)
            except ValueError as error:
                self._put_away(path.stem)
                found.set_aside.append(f"trials/{path.name}: {error}")
                continue
            if record.trial.engine not in OWN_ENGINES:
                found.added.append(path.stem)
            elif path.stem not in wanted:
                self._put_away(path.stem)
                found.other_code += 1
            elif record.status == "failed":
                found.failed += 1
            else:
                found.kept[path.stem] = record
        return found

    def _put_away(self, trial_id: str) -> None:
        self.set_aside(self.trial_file(trial_id))
        self.set_aside(self.prediction_file(trial_id))

    def _read_whole(self, path: Path) -> Record:
        """A record whose own digest, name and predictions all agree; ``ValueError`` with the reason otherwise."""
        content = read_json(path)
        try:
            record = Record.from_json(content)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"it is not a record of this version ({error})") from error
        if record.trial_id != path.stem:
            raise ValueError(f"it holds trial {record.trial_id}")
        if record.prediction_sha256 is not None:
            predictions = self.prediction_file(path.stem)
            if not predictions.exists():
                raise ValueError("its predictions are missing")
            if sha256_of(predictions) != record.prediction_sha256:
                raise ValueError("its predictions do not match their SHA-256")
        return record


def differences(old: Any, new: Any, where: str = "") -> list[str]:
    """Where two JSON values differ, one line a place.

    >>> differences({"seeds": 5, "a": {"b": [1]}}, {"seeds": 2, "a": {"b": [1]}})
    ['seeds is 5 there and 2 here']
    >>> differences({"variants": {"ce": 1}}, {"variants": {}})
    ['variants has ce there and not here']
    """
    if isinstance(old, dict) and isinstance(new, dict):
        found = []
        for key in {**old, **new}:
            if key not in new:
                found.append(f"{where or 'it'} has {key} there and not here")
            elif key not in old:
                found.append(f"{where or 'it'} has {key} here and not there")
            else:
                found += differences(old[key], new[key], f"{where}.{key}" if where else key)
        return found
    return [] if old == new else [f"{where} is {_said(old)} there and {_said(new)} here"]


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
