"""The folder that a program is given: train, valid, test and the task, and nothing else."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cfce.estimators.estimator import Task
from cfce.fold_table import fold_table, rating_values
from cfce.prediction_table import probability_names

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
"""The number of the contract, in ``task.json``."""
THREADS = 1
"""Threads that a program may use: trials run side by side."""


def write_task(folder: Path, task: Task, options: Mapping[str, Any], format: str) -> None:
    """Write ``train``, ``valid`` and ``test`` as ``.parquet`` or ``.csv``, and ``task.json``.

    train and valid have the columns user, item and rating; valid and test have ``row``, a number from 0 that goes on from valid
    to test; test has no ratings, and no rows under a protocol without one. Where the source has timestamps, each has them.
    """
    fold = task.fold
    folder.mkdir()
    frames = {part: fold_table(fold, part) for part in ("train", "valid", "test")}
    for part, frame in frames.items():
        if fold.ratings.timestamp is not None:
            frame["timestamp"] = fold.ratings.timestamp[fold.rows(part)]
    n_valid, n_test = len(frames["valid"]), len(frames["test"])
    frames["valid"].insert(0, "row", np.arange(n_valid))
    frames["test"].insert(0, "row", np.arange(n_valid, n_valid + n_test))
    del frames["test"]["rating"]
    for part, frame in frames.items():
        _write(frame, folder / f"{part}.{format}")
    content = {
        "format": FORMAT,
        "dataset": fold.ratings.name,
        "protocol": fold.protocol,
        "split": fold.split,
        "seed": task.seed,
        "order": task.order,
        "threads": THREADS,
        "scale": rating_values(fold.scale).tolist(),
        "probabilities": probability_names(fold.scale),
        "n_users": len(fold.ratings.user_ids),
        "n_items": len(fold.ratings.item_ids),
        "sizes": {part: len(frame) for part, frame in frames.items()},
        "options": dict(options),
    }
    (folder / "task.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _write(frame: "pd.DataFrame", path: Path) -> None:
    if path.suffix == ".csv":
        frame.to_csv(path, index=False, lineterminator="\n")
    else:
        frame.to_parquet(path, index=False)
