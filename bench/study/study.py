"""A study read from its folder: the plan's trials, their records and their predictions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from bench.study.formats import read_settings
from bench.study.held_out import HeldOut
from bench.study.record import Record
from bench.study.whole import check_predictions, check_scores, prediction_path, read_named_record, score_path
from cfce.errors import UserError, unknown_name
from cfce.scale import RatingScale

if TYPE_CHECKING:
    from bench.study.fold_rows import RowReader
    from bench.study.score_file import KeptScores


@dataclass(eq=False)
class Study:
    """A study folder, read. ``settings`` is ``study.json``; ``records`` are the finished trials.

    Those of its plans come first, in the order in which they were asked for, then the predictions that 'bench add' put
    beside them (``settings["added"]``, trial ids).
    """

    path: Path
    settings: dict[str, Any]
    records: tuple[Record, ...]
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Trials whose record is there but cannot be used, or was added and is gone: id to why."""
    scored: Mapping[str, "KeptScores"] = field(default_factory=dict, repr=False)
    """The scores of trials that were made beside their predictions in the run that has just ended: by id."""

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.resolve().name

    @property
    def unreadable_lines(self) -> list[str]:
        """What of ``unreadable`` is told, a line each."""
        return [f"trial {trial_id} cannot be used: {reason}" for trial_id, reason in self.unreadable.items()]

    @cached_property
    def scale(self) -> RatingScale:
        """The scale of the study's ratings."""
        return RatingScale(tuple(self.settings["data"]["scale"]))

    @property
    def trial_ids(self) -> list[str]:
        """The trials of all plans, in the order in which they were asked for."""
        return list(dict.fromkeys(trial_id for plan in self.settings["plans"] for trial_id in plan["trial_ids"]))

    @property
    def plans(self) -> list[dict[str, Any]]:
        """Every plan that was asked for: command, asked (when), plan, environment and trial_ids."""
        return list(self.settings["plans"])

    @property
    def command(self) -> str:
        """The command of the last plan."""
        return str(self.plans[-1]["command"])

    @property
    def environment(self) -> dict[str, Any]:
        """Where the last plan ran."""
        return dict(self.plans[-1]["environment"])

    @cached_property
    def protocols(self) -> list[str]:
        """The protocols of the trials, or of the plans where none is trained yet; that of the last plan first."""
        planned = [plan["plan"]["protocol"] for plan in self.plans if plan["plan"].get("protocol")]
        found = dict.fromkeys([record.trial.protocol for record in self.records] or planned)
        return sorted(found, key=lambda name: name not in planned[-1:])

    def under(self, protocol: str) -> Self:
        """The study of one protocol's trials alone: what can be compared. ``UserError`` for a protocol that has none."""
        if protocol not in self.protocols:
            raise unknown_name("protocol", protocol, self.protocols)
        plans = [plan for plan in self.plans if plan["plan"].get("protocol", protocol) == protocol] or self.plans
        records = tuple(record for record in self.records if record.trial.protocol == protocol)
        return type(self)(self.path, {**self.settings, "plans": plans}, records, self.unreadable, self.scored)

    def sizes(self, record: Record) -> Mapping[str, int]:
        """The ratings of each part of a record's fold; those of fold 0 where an older record does not say."""
        return record.sizes or {part: self.settings["data"].get(f"n_{part}", 0) for part in ("train", "valid", "test")}

    @cached_property
    def evaluation_part(self) -> str:
        """The part that claims are made on: test, or valid where no trial's protocol has a test part."""
        return "test" if any(self.sizes(record)["test"] for record in self.records) else "valid"

    @property
    def ok(self) -> tuple[Record, ...]:
        """The records with status ``ok``."""
        return tuple(record for record in self.records if record.status == "ok")

    @property
    def distinct(self) -> tuple[Record, ...]:
        """The records, one a trial: of two names for one, as where a plan and a search share it, the first."""
        found: dict[str, Record] = {}
        for record in self.records:
            found.setdefault(record.trial_id, record)
        return tuple(found.values())

    @property
    def untrained(self) -> list[str]:
        """The ids of the plans' trials that have no record yet."""
        there = {record.trial_id for record in self.records}
        return [one for one in self.trial_ids if one not in there]

    def predictions(self, record: Record) -> dict[str, HeldOut]:
        """A finished trial's predictions by part (``'valid'``, ``'test'``); read from disk each time: any size fits.

        Raises ``ValueError`` where the file is not the one whose SHA-256 the record holds, and ``UserError`` for a trial that
        keeps its scores alone.
        """
        from bench.study.prediction_file import read_predictions

        if not record.keeps_predictions:
            raise UserError(
                f"trial {record.trial_id} has no predictions, as it was trained with --keep scores; "
                "train it without that flag into another --out"
            )

        path = prediction_path(self.path, record.trial_id)
        check_predictions(path, record)
        return read_predictions(path, self.scale, self._row_reader)

    def kept_scores(self, record: Record) -> "KeptScores":
        """What a finished trial keeps that has no predictions; ``ValueError`` where its file is not the one of its record.

        Or the scores in ``scored``, from no file.
        """
        if record.trial_id in self.scored:
            return self.scored[record.trial_id]
        from bench.study.score_file import read_kept

        path = score_path(self.path, record.trial_id)
        check_scores(path, record)
        return read_kept(path)

    @cached_property
    def _row_reader(self) -> "RowReader":
        from bench.study.fold_rows import RowReader

        return RowReader()


def load_study(path: str | Path) -> Study:
    """The study in a folder; ``UserError`` where there is none or its ``study.json`` is torn."""
    path = Path(path)
    try:
        settings = read_settings(path / "study.json")
    except FileNotFoundError:
        raise UserError(
            f"'{path}' holds no study (no study.json); pass a folder that 'bench run' wrote, such as reports/default"
        ) from None
    except UserError:
        raise
    except ValueError as error:
        raise UserError(
            f"'{path / 'study.json'}' cannot be read: {error}; restore it, or run the study's command again, which makes it anew"
        ) from error
    study = Study(path, settings, ())
    records, unreadable = [], {}
    added = settings.get("added", [])
    for trial_id in dict.fromkeys([*study.trial_ids, *added]):
        try:
            records.append(read_named_record(path / "trials" / f"{trial_id}.json"))
        except FileNotFoundError:
            if trial_id in added:
                unreadable[trial_id] = "its record is missing; add the predictions again with 'bench add'"
            continue  # a trial of a plan that is not trained yet
        except UserError:
            raise
        except (ValueError, OSError) as error:
            mend = "add the predictions again with 'bench add'" if trial_id in added else "'bench run' trains it again"
            unreadable[trial_id] = f"its record cannot be used: {error}; {mend}"
    return Study(path, settings, tuple(records), unreadable)
