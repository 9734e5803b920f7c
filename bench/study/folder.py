"""The study folder as 'bench run' writes it: where things lie, what of an earlier run is kept, and what is set aside."""

import hashlib
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.plan.trial import Trial
from bench.study.files import named_after, rows_path, sha256_of, users_path
from bench.study.formats import PREDICTIONS, read_settings, write_record
from bench.study.inside import check_inside
from bench.study.record import Record
from bench.study.whole import SCORES, check_predictions, check_scores, prediction_path, read_named_record, score_path
from cfce.errors import UserError
from cfce.files import check_writable, write_whole
from cfce.scale import RatingScale

WORK = ".work"
"""Shared ratings and worker logs of the run that holds the folder."""

Defaults = Mapping[str, Mapping[str, Any]]
"""The default of each option, by variant and name."""


@dataclass
class Survey:
    """What an earlier run left of a plan's trials, and what was set aside."""

    kept: dict[str, Record] = field(default_factory=dict)
    """Finished records of the plan by id."""
    others: dict[str, Record] = field(default_factory=dict)
    """Records of other plans' trials by id, which stay."""
    added: dict[str, Record] = field(default_factory=dict)
    """Records of predictions that were added from outside, by id, which stay."""
    failed: int = 0
    set_aside: list[str] = field(default_factory=list)
    """One line a file: its name, why, and what becomes of its trial."""
    superseded: dict[str, str] = field(default_factory=dict)
    """Trials of other code to the trial of the plan that takes their place, or to ``''``."""


class StudyFolder:
    """The paths of a study, and its upkeep under the lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.work = path / WORK
        self._digests: dict[Path, str | None] = {}

    def trial_file(self, trial_id: str) -> Path:
        """Where a trial's record lies."""
        return self.path / "trials" / f"{trial_id}.json"

    def prediction_file(self, trial_id: str) -> Path:
        """Where a trial's predictions lie."""
        return prediction_path(self.path, trial_id)

    def score_file(self, trial_id: str) -> Path:
        """Where the scores of a trial lie that keeps no predictions."""
        return score_path(self.path, trial_id)

    def log_file(self, trial_id: str) -> Path:
        """Where it stands what a trial's program printed."""
        return self.path / "logs" / f"{trial_id}.txt"

    def write_record(self, record: Record) -> None:
        """Write a record at once; it comes after its predictions, so a record always has them."""
        write_record(self.trial_file(record.trial_id), record)

    def write_predictions(self, trial_id: str, content: bytes, rows: bytes | None = None) -> None:
        """Write a trial's predictions at once, and before them the held-out rows of its fold where they are not there yet."""
        folder = self.path / "predictions"
        if rows is not None and not (place := rows_path(folder, hashlib.sha256(rows).hexdigest())).exists():
            write_whole(place, rows)
        write_whole(folder / f"{trial_id}.parquet", content)

    def write_scores(self, trial_id: str, content: bytes, users: bytes) -> None:
        """Write the scores of a trial that keeps no predictions, and before them the users of its fold likewise."""
        path = self.score_file(trial_id)
        if not (place := users_path(path.parent, hashlib.sha256(users).hexdigest())).exists():
            write_whole(place, users)
        write_whole(path, content)

    def write_log(self, trial_id: str, text: str) -> None:
        """Keep what a trial's program printed."""
        write_whole(self.log_file(trial_id), text.encode())

    def create(self) -> None:
        """Make the folder; ``UserError`` where it cannot be made or written, or has links that lead out of it."""
        check_inside(self.path)
        try:
            for name in ("trials", "predictions"):
                (self.path / name).mkdir(parents=True, exist_ok=True)
            check_writable(self.path)
        except OSError as error:
            raise UserError(
                f"'{self.path}' cannot be written ({error.strerror or error}); pass --out with a folder that can be"
            ) from error

    def clean(self) -> None:
        """Remove what a killed run left half-written."""
        shutil.rmtree(self.work, ignore_errors=True)
        for place in (self.path, *(self.path / name for name in ("trials", "predictions", SCORES))):
            for leftover in place.glob(".*.tmp"):
                leftover.unlink(missing_ok=True)

    def settings(self, report: Callable[[str], None]) -> dict[str, Any] | None:
        """``study.json``; None where there is none or it is torn: it is set aside then, which ``report`` is told."""
        try:
            return read_settings(self.path / "study.json")
        except FileNotFoundError:
            if any((self.path / "trials").glob("*.json")):
                report(f"'{self.path}' has trials and no study.json, which is made anew from them")
            return None
        except UserError:
            raise
        except ValueError as error:
            self.set_aside(self.path / "study.json")
            report(f"set aside study.json: {error}; it is made anew from the trials that are there")
            return None

    def family_of(self, record: Record, scale: RatingScale) -> str:
        """The family of added predictions: a regression's are points, others are distributions."""
        from bench.study.prediction_file import read_predictions

        parts = read_predictions(self.prediction_file(record.trial_id), scale)
        return "regression" if any(one.prediction.probabilities is None for one in parts.values()) else "classification"

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
        for name in dict.fromkeys(("study.json", "trials", "logs", SCORES, *PREDICTIONS.values())):
            self.set_aside(self.path / name)
        self.create()

    def survey(self, wanted: Sequence[Trial], defaults: Defaults, added: Collection[str] = ()) -> Survey:
        """Read every record; keep the whole ones, set aside torn and edited ones and those of other code.

        Of other code are all trials of what the plan fits (a variant on an engine, device and protocol), those that the plan
        does not ask for too, as a mean over old and new ones would be of neither. ``added`` are the trials of which
        ``study.json`` says that their predictions were added from outside.
        """

        def differs(asked: Trial, stored: Trial) -> bool:
            return asked.differs_from(stored, defaults.get(asked.variant, {}))

        found = Survey()
        by_id = {trial.trial_id: trial for trial in wanted}
        codes = {trial.contestant: trial.code for trial in wanted}
        places: dict[Trial, list[Trial]] = {}
        for trial in wanted:
            places.setdefault(trial.place, []).append(trial)
        for path in sorted((self.path / "trials").glob("*.json")):
            try:
                record = self._read_whole(path)
            except UserError:
                raise
            except ValueError as error:
                found.set_aside.append(f"trials/{path.name}: {error}; {self._what_now(path, path.stem in by_id, added)}")
                self.put_away(path.stem)
                continue
            asked = by_id.get(path.stem)
            successors = [one for one in places.get(record.trial.place, []) if not differs(one, record.trial)]
            other_code = codes.get(record.trial.contestant, record.trial.code) != record.trial.code
            if record.external:
                found.added[path.stem] = record
            elif record.outdated or other_code or (asked is None and successors) or (asked and differs(asked, record.trial)):
                self.put_away(path.stem)
                found.superseded[path.stem] = successors[0].trial_id if successors else ""
            elif asked is None:
                found.others[path.stem] = record
            elif record.status == "failed":
                found.failed += 1
            else:
                found.kept[path.stem] = record
        for path, digest in self._digests.items():  # after all records were compared with them
            if digest is not None and not named_after(path, digest):
                self.set_aside(path)
        return found

    def _what_now(self, path: Path, is_wanted: bool, added: Collection[str]) -> str:
        """What becomes of the trial of a record that is set aside."""
        try:
            external = read_named_record(path).external
        except (ValueError, OSError):
            external = path.stem in added
        if external:
            return "its predictions came from outside, so add them again with 'bench add'"
        return "its trial is trained again" if is_wanted else "no trial of this plan"

    def put_away(self, trial_id: str) -> None:
        """Set a trial aside with its predictions or scores."""
        self.set_aside(self.trial_file(trial_id))
        self.set_aside(self.prediction_file(trial_id))
        self.set_aside(self.score_file(trial_id))
        self.set_aside(self.log_file(trial_id))

    def _read_whole(self, path: Path) -> Record:
        """A record whose own digest, name and predictions or scores all agree; ``ValueError`` with the reason otherwise."""
        record = read_named_record(path)
        if record.status == "ok" and record.keeps_predictions:
            check_predictions(self.prediction_file(path.stem), record)
            if record.rows_sha256 is not None and not self._has(rows_path(self.path / "predictions", record.rows_sha256)):
                raise ValueError("the rows of its predictions are missing or do not match their SHA-256")
        elif record.status == "ok":
            check_scores(self.score_file(path.stem), record)
            if not self._has(users_path(self.path / SCORES, record.users_sha256 or "")):
                raise ValueError("the users of its scores are missing or do not match their SHA-256")
        return record

    def _has(self, path: Path) -> bool:
        """Whether a file that is named after its SHA-256 is there, whole; it is read once."""
        if path not in self._digests:
            self._digests[path] = sha256_of(path) if path.exists() else None
        digest = self._digests[path]
        return digest is not None and named_after(path, digest)


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
