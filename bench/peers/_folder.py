"""What the scripts beside it share: the folder of a trial, read and written (docs/how-to/your-own-model.md)."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass
class Trial:
    """A trial's ratings and task; ``held`` is valid, then test, without ratings."""

    train: pd.DataFrame
    valid: pd.DataFrame
    held: pd.DataFrame
    scale: np.ndarray
    seed: int
    options: dict[str, Any]

    def write(self, fitted: Callable[[], Callable[[], np.ndarray]]) -> None:
        """Time the fit, which gives what predicts, and write predictions: points (N,) or probabilities (N, K)."""
        start = time.perf_counter()
        predict = fitted()
        seconds = time.perf_counter() - start
        predicted = np.asarray(predict())
        table = {"row": self.held["row"].to_numpy()}
        if predicted.ndim == 1:
            table["prediction"] = predicted
        else:
            table |= {f"p_{rating:g}": predicted[:, level] for level, rating in enumerate(self.scale)}
        pd.DataFrame(table).to_parquet("predictions.parquet", index=False)
        with open("timing.json", "w") as file:
            json.dump({"fit_seconds": seconds}, file)


def read_trial() -> Trial:
    """The trial of the present folder."""
    with open("task.json") as file:
        task = json.load(file)
    train, valid, test = (pd.read_parquet(f"{part}.parquet") for part in ("train", "valid", "test"))
    held = pd.concat([valid.drop(columns="rating"), test], ignore_index=True)
    return Trial(train, valid, held, np.array(task["scale"], dtype=float), task["seed"], task["options"])
