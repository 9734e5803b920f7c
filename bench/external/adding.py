"""Another model's predictions as a trial of a study."""

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.comparison.configurations import configurations_of
from bench.external.fold_files import fold_of_study
from bench.external.matching import align
from bench.external.reading import ExternalPredictions, read_predictions
from bench.plan.trial import EXTERNAL, Trial
from bench.study import HeldOut, Record, Study, load_study
from bench.study.files import sha256_of
from bench.study.formats import write_record, write_settings
from bench.study.held_out import HeldRows
from bench.study.prediction_file import write_predictions
from bench.study.whole import prediction_path
from cfce.errors import UserError
from cfce.options import OptionValues
from cfce.predictions import Prediction
from cfce.text import NAME, plain_name, short

DEVICE = "unknown"
"""The device of a trial that was not trained here."""


@dataclass(frozen=True)
class Added:
    """What ``add_predictions`` did: the trial's id, the rows by part, and the trial that it took the place of, if any."""

    trial_id: str
    rows: dict[str, int]
    replaced: str | None


def add_predictions(
    name: str,
    predictions: Path,
    study: Study,
    *,
    split: int,
    seed: int = 0,
    replace: bool = False,
    log: Callable[[str], None],
) -> Added:
    """Put held-out predictions from a file into a study folder, as the trial of variant ``name`` with this split and seed.

    Nothing is written unless every row fits the fold. Files are named after the trial's id, never after ``name``.
    The predictions are written first and ``study.json`` last, so that a killed command leaves the study as it was.

    Raises ``UserError`` for a name of the plan's own variants, for other predictions under a name, split and seed
    that are taken (unless ``replace``), and for whatever ``read_predictions`` and ``align`` refuse.
    """
    name = _checked_name(name, study)
    if split < 0 or seed < 0:
        raise UserError(f"split {split} and seed {seed} came; both are whole numbers, 0 or above")
    rows = read_predictions(predictions, study.scale)
    held, unknown = _held_out(study, split, log)
    found = align(rows, {part: (one.user, one.item) for part, one in held.items()})
    trial = _trial(name, predictions, study, split, seed)
    same_place = _same_place(study, trial)
    if same_place and same_place != trial.trial_id and not replace:
        raise UserError(
            f"the study holds other predictions of '{name}' for split {split}, seed {seed}; "
            "pass --replace to put these in their place, or another --seed"
        )
    path = study.path / "predictions" / f"{trial.trial_id}.parquet"
    rows_sha256 = write_predictions(path, {part: _filled(rows, one, found[part]) for part, one in held.items()}, study.scale)
    sizes = {part: len(one.level) for part, one in held.items()}
    record = Record(
        trial,
        "ok",
        unknown=unknown,
        prediction_sha256=sha256_of(path),
        rows_sha256=rows_sha256,
        sizes={"test": 0, **sizes},
        external=True,
    )
    write_record(study.path / "trials" / f"{trial.trial_id}.json", record)
    replaced = same_place if same_place != trial.trial_id else None
    _enter(study, name, predictions, rows, trial.trial_id, replaced)
    return Added(trial.trial_id, {part: len(one) for part, one in found.items()}, replaced)


def _checked_name(name: str, study: Study) -> str:
    """The name as it is kept: composed and without needless blanks; ``UserError`` where it may be taken for a trained one's."""
    found = plain_name(name)
    if not found or len(found) > NAME or not name.isprintable():
        raise UserError(f"the name {name[: NAME + 1]!r} came; a name is 1 to {NAME} printable characters")
    trained = [record for record in study.records if not record.external]
    added = {record.trial.variant for record in study.records if record.external}
    own = {record.trial.variant for record in trained} | {one for one in study.settings["variants"] if one not in added}
    taken = {one.casefold() for one in (*own, *configurations_of(trained, study.settings["variants"]))}
    if found.casefold() in taken:
        raise UserError(f"'{found}' is a variant of the study's own plan; choose another name for these predictions")
    for variant in own:
        if found.casefold().startswith(f"{variant} (".casefold()) or found.casefold() == f"{variant}, seed ensemble".casefold():
            raise UserError(
                f"'{found}' is how tables call trials of the study's own '{variant}'; choose another name for these predictions"
            )
    return found


def _held_out(
    study: Study, split: int, log: Callable[[str], None]
) -> tuple[dict[str, HeldOut], tuple[tuple[str, int, int], ...]]:
    """The held-out rows of a split, and their unknown users and items: from a trial on it that is whole, or from the data."""
    for record in study.ok:
        if record.trial.split == split and record.keeps_predictions:
            with contextlib.suppress(ValueError, OSError):  # torn or gone, which the report tells
                return study.predictions(record), record.unknown
    fold = fold_of_study(study, split, log)
    held = {
        part: rows.predicted(part, Prediction(fold.scale, points=np.zeros(len(rows), dtype=np.float32)))
        for part, rows in HeldRows.of_fold(fold).items()
    }
    return held, tuple((part, *fold.unknown_counts(part)) for part in fold.held_out)


def _trial(name: str, predictions: Path, study: Study, split: int, seed: int) -> Trial:
    """The trial whose ``code`` is the hash of the predictions: other predictions are another trial."""
    data = study.settings["data"]
    code = hashlib.sha256(predictions.read_bytes()).hexdigest()[:16]
    return Trial(
        dataset=data["dataset"],
        data_fingerprint=data["fingerprint"],
        protocol=_protocol(study),
        variant=name,
        engine=EXTERNAL,
        device=DEVICE,
        split=split,
        seed=seed,
        order=seed,
        options=OptionValues(),
        code=code,
    ).identified({})


def _protocol(study: Study) -> str:
    """The protocol of a study's folds; ``UserError`` where it has several."""
    if len(study.protocols) > 1:
        raise UserError(
            f"'{study.path}' has trials under the protocols {', '.join(study.protocols)}; add predictions to a study of one"
        )
    return study.protocols[0]


def _same_place(study: Study, trial: Trial) -> str | None:
    """The id of the added trial with this variant, split and seed, or None."""
    key = (trial.variant, trial.split, trial.seed)
    for record in study.records:
        if record.external and (record.trial.variant, record.trial.split, record.trial.seed) == key:
            return record.trial_id
    return None


def _filled(rows: ExternalPredictions, one: HeldOut, at: NDArray[np.intp]) -> HeldOut:
    """The part's rows with the predictions of the file in the place of those that the part came with."""
    prediction = Prediction(
        one.prediction.scale,
        None if rows.points is None else rows.points[at],
        None if rows.probabilities is None else rows.probabilities[at],
    )
    return replace(one, prediction=prediction)


def _enter(study: Study, name: str, path: Path, rows: ExternalPredictions, trial_id: str, replaced: str | None) -> None:
    """Enter the trial and its variant into ``study.json``, then drop the files of the trial that it replaces."""
    settings: dict[str, Any] = dict(load_study(study.path).settings)  # as it is now, not as it was when the study was read
    family = "regression" if rows.probabilities is None else "classification"
    kind = "points" if rows.probabilities is None else "a distribution"
    settings["added"] = [one for one in settings.get("added", []) if one not in (trial_id, replaced)] + [trial_id]
    description = f"predictions of another model ({kind}), added from {short(path.name, NAME)}"
    settings["variants"] = {**settings["variants"], name: {"description": description, "family": family, "mermaid": ""}}
    write_settings(study.path / "study.json", settings)
    if replaced:
        (study.path / "trials" / f"{replaced}.json").unlink(missing_ok=True)
        prediction_path(study.path, replaced).unlink(missing_ok=True)
