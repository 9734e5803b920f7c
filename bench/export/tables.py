"""A study as tables in a folder: trials, verdicts, losses by epoch and every prediction."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bench.export.logged import logged_trials
from bench.notebook import Study
from bench.report.results_csv import safe_csv
from cfce.files import write_whole

if TYPE_CHECKING:
    import pandas as pd

Write = Callable[["pd.DataFrame", Path], None]


def to_csv(study: Study, out: Path) -> str:
    """``trials.csv``, ``verdicts.csv``, ``curves.csv`` and ``predictions/<trial_id>.csv``."""
    return _tables(study, out, "csv", _write_csv, _write_rows)


def to_parquet(study: Study, out: Path) -> str:
    """The same tables as Parquet files."""
    return _tables(study, out, "parquet", _write_parquet, _write_parquet)


def _write_csv(table: "pd.DataFrame", path: Path) -> None:
    texts = [name for name in table.columns if table[name].dtype == object or str(table[name].dtype) == "str"]
    write_whole(path, safe_csv(table, texts))


def _write_rows(table: "pd.DataFrame", path: Path) -> None:
    """Held-out ratings with the ids of their data, sign for sign, so that they join with it."""
    text = table.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    write_whole(path, text.encode(errors="backslashreplace"))


def _write_parquet(table: "pd.DataFrame", path: Path) -> None:
    table.to_parquet(path, index=False)


def _tables(study: Study, out: Path, ending: str, write: Write, write_rows: Write) -> str:
    (out / "predictions").mkdir(parents=True, exist_ok=True)
    write(study.trials, out / f"trials.{ending}")
    write(study.verdicts, out / f"verdicts.{ending}")
    write(curves(study), out / f"curves.{ending}")
    trials = study.scores.study.distinct
    ended = [record for record in trials if record.status == "ok"]
    usable = [record for record in ended if record.trial_id not in study.scores.problems]
    finished = [record for record in usable if record.keeps_predictions]
    for record in finished:
        write_rows(study.predictions(record.trial_id), out / "predictions" / f"{record.trial_id}.{ending}")
    without = f" ({len(usable) - len(finished)} keep their scores alone)" if len(usable) > len(finished) else ""
    return f"{len(trials)} trials, {len(study.verdicts)} verdicts, predictions of {len(finished)} trials{without}"


def curves(study: Study) -> "pd.DataFrame":
    """One row a trial and epoch: trial_id, epoch (from 1), train_loss, valid_loss."""
    import pandas as pd

    rows = [
        {"trial_id": trial.trial_id, "epoch": at, **dict(zip(trial.curves, losses, strict=True))}
        for trial in logged_trials(study)
        for at, losses in enumerate(zip(*trial.curves.values(), strict=True), start=1)
    ]
    return pd.DataFrame(rows, columns=["trial_id", "epoch", "train_loss", "valid_loss"])
