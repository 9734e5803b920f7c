"""The table of results: one row a trial, and nothing in it that is not computed from the study's stored rows."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bench.comparison.configurations import Configuration
from bench.comparison.ensemble import Ensemble
from bench.comparison.part_scores import PartScores
from bench.study.record import Record
from bench.study.study import Study
from cfce.metrics import METRICS, accuracy_skill, skill

if TYPE_CHECKING:
    import pandas as pd

Configurations = Mapping[str, Configuration]
Parts = Mapping[tuple[str, str], PartScores]

PARTS = ("valid", "test")
FIRST_SCORES = ("rmse", "normalized_rmse", "mae", "accuracy", "normalized_accuracy")
SKILLS = ("skill_rmse", "skill_accuracy", "skill_nll")
LATER_SCORES = ("nll", "rps", "brier", "qwk", "calibration_error", "mode_rmse", "median_mae", *SKILLS)
LAST_SCORES = ("mode_accuracy",)
OPTIONS = ("learning_rate", "epochs", "batch_size", "weight_decay", "n_factors", "sampler")
"""The options of a training that stand first; others follow at the very end. Blank for what has no such option."""
IDENTITY = (
    "trial_id",
    "variant",
    "engine",
    "device",
    "seed",
    *OPTIONS,
    "dataset",
    "protocol",
    "status",
    "reason",
    "train_loss",
    "valid_loss",
)
COST = ("fit_seconds", "seconds_per_epoch", "ratings_per_second", "peak_memory_mb")


def columns() -> tuple[str, ...]:
    """The columns of ``results.csv``, in order: a metric that is registered later has its columns at the end.

    Scores of a trial that is not ``ok``, and of a part that a protocol does not have, are blank. Skill is 1 - loss / loss of
    ``constant`` on the same split and part, for accuracy the skill of the error rate, (accuracy - constant's) /
    (1 - constant's); blank where the study has no ``constant`` on that split. Options that other estimators have follow at the
    very end.
    """
    known = {*FIRST_SCORES, *LATER_SCORES, *LAST_SCORES}
    return (
        *IDENTITY,
        *(f"{part}_{name}" for part in PARTS for name in FIRST_SCORES),
        *COST,
        *(f"{part}_{name}" for part in PARTS for name in LATER_SCORES),
        "split",
        "order",
        *(f"{part}_{name}" for part in PARTS for name in LAST_SCORES),
        *(f"{part}_{name}" for part in PARTS for name in METRICS if name not in known),
        "timed",
    )


REFERENCE = "constant"


def trial_rows(study: Study, configurations: Configurations, parts: Parts, problems: Mapping[str, str]) -> "pd.DataFrame":
    """One row a trial of a study, in plan order, with the columns ``columns()``; ``host`` too where records name theirs.

    A trial that a plan and a search share has a row under each of its names.
    """
    import pandas as pd

    references = _references(configurations, REFERENCE)
    rows = []
    for record in study.records:
        found = _score_columns(parts, record.trial_id, record.trial.split, references)
        rows.append({**_identity(record, problems), **_cost(record, study.sizes(record).get("train", 0)), **found})
    whole = ("epochs", "batch_size", "n_factors")
    host = ("host",) if any(record.host for record in study.records) else ()
    names = list(dict.fromkeys([*columns(), *host, *_further_options(study)]))
    return pd.DataFrame(rows, columns=names).astype(dict.fromkeys(whole, "Int64"))


def ensemble_rows(study: Study, configurations: Configurations, parts: Parts, ensembles: Sequence[Ensemble]) -> "pd.DataFrame":
    """One row an ensemble: configuration, learning_rate, split, n, then the score columns in their order; may be empty."""
    import pandas as pd

    references = _references(configurations, REFERENCE)
    rows = [
        {
            "configuration": one.configuration,
            "learning_rate": one.learning_rate,
            "split": one.split,
            "n": one.n,
            **_score_columns(parts, one.id, one.split, references),
        }
        for one in ensembles
    ]
    named = [column for column in columns() if column.startswith(("valid_", "test_")) and column != "valid_loss"]
    return pd.DataFrame(rows, columns=["configuration", "learning_rate", "split", "n", *named])


def skill_rows(study: Study, configurations: Configurations, parts: Parts, reference: str) -> "pd.DataFrame":
    """Skill against another reference than ``constant``: trial_id, then ``<part>_<skill>``; blank where it has no trial."""
    import pandas as pd

    references = _references(configurations, reference)
    named = [f"{part}_{name}" for part in PARTS for name in SKILLS]
    rows = []
    for record in study.distinct:
        found = _score_columns(parts, record.trial_id, record.trial.split, references)
        rows.append({"trial_id": record.trial_id, **{column: found[column] for column in named if column in found}})
    return pd.DataFrame(rows, columns=["trial_id", *named])


def _references(configurations: Configurations, name: str) -> dict[int, str]:
    """The trial to measure skill from on each split: the first ``ok`` one of that configuration or variant."""
    found: dict[int, str] = {}
    for configuration in configurations.values():
        if name in (configuration.name, configuration.variant):
            for record in configuration.records:
                if record.status == "ok":
                    found.setdefault(record.trial.split, record.trial_id)
    return found


def _further_options(study: Study) -> list[str]:
    """The options of estimators that have no column of their own in ``columns()``, as they occur."""
    return list(dict.fromkeys(name for record in study.records for name in record.trial.options if name not in OPTIONS))


def _identity(record: Record, problems: Mapping[str, str]) -> dict[str, Any]:
    trial, options = record.trial, record.trial.options
    last = record.history[-1] if record.history else None
    return {
        "trial_id": record.trial_id,
        "variant": trial.variant,
        "engine": trial.engine,
        "device": trial.device,
        "seed": trial.seed,
        **{name: options.get(name) for name in dict.fromkeys([*OPTIONS, *options])},
        "dataset": trial.dataset,
        "protocol": trial.protocol,
        "status": record.status,
        "reason": record.reason or problems.get(record.trial_id, ""),
        "train_loss": last.train_loss if last else None,
        "valid_loss": last.valid_loss if last else None,
        "split": trial.split,
        "order": trial.order,
        **({"host": record.host} if record.host else {}),
    }


def _cost(record: Record, n_train: int) -> dict[str, Any]:
    """What a training cost; an epoch's seconds are the fit's by the number of epochs, so its validation counts."""
    seconds, epochs = record.fit_seconds, len(record.history)
    timed = seconds is not None and seconds > 0 and epochs > 0
    return {
        "fit_seconds": seconds,
        "timed": None if seconds is None else record.timed,
        "seconds_per_epoch": seconds / epochs if timed and seconds else None,
        "ratings_per_second": n_train * epochs / seconds if timed and seconds else None,
        "peak_memory_mb": record.peak_memory_mb,
    }


def _score_columns(parts: Parts, trial_id: str, split: int, references: Mapping[int, str]) -> dict[str, float]:
    found_columns = {}
    for part in PARTS:
        found = parts.get((trial_id, part))
        if found is None:
            continue
        found_columns.update({f"{part}_{name}": value for name, value in found.scores.items()})
        reference = parts.get((references.get(split, ""), part))
        if reference is not None:
            own, other = found.scores, reference.scores
            found_columns[f"{part}_skill_rmse"] = skill(own["rmse"], other["rmse"])
            found_columns[f"{part}_skill_accuracy"] = accuracy_skill(own["accuracy"], other["accuracy"])
            found_columns[f"{part}_skill_nll"] = skill(own["nll"], other["nll"])
    return found_columns
