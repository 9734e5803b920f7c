"""Scores that are kept in the place of predictions (``--keep scores``): the very numbers that a pass over predictions gives.

What a pass leaves of a trial is written when the trial ends, from its predictions as the study would store them, codes included.
Seed ensembles, gains by groups of ratings and metrics that are registered later need the predictions, and are not there.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bench.comparison.part_scores import PartScores
from bench.comparison.rows import Rows
from bench.comparison.trial_scores import TrialScores, score_trial, with_distributions
from bench.study.fold_rows import RowReader, parts_of, table_in
from bench.study.held_out import HeldOut, HeldRows
from bench.study.prediction_file import predictions_in, read_predictions
from bench.study.score_file import JudgedUsers, KeptScores, kept_bytes
from cfce.metrics import METRICS, Calibration
from cfce.scale import RatingScale


class Reducer:
    """Turns files of predictions into what is kept of them; the rows of the last fold are read once."""

    def __init__(self, scale: RatingScale) -> None:
        self._scale, self._reader = scale, RowReader()
        self._rows: dict[str, Rows] = {}
        self._last: tuple[bytes, dict[str, HeldRows]] = (b"", {})

    def __call__(self, path: Path) -> tuple[bytes, bytes]:
        """The files of the scores, and of the users, of the predictions in a file, beside which their rows lie."""
        return kept_bytes(self.kept_of(path))

    def kept_of(self, path: Path) -> KeptScores:
        """The same as values."""
        return self._kept(read_predictions(path, self._scale, self._reader))

    def kept_in(self, predictions: bytes, rows: bytes) -> KeptScores:
        """The same of files that are at hand: of predictions, and of their rows."""
        if self._last[0] is not rows:
            self._last = rows, parts_of(table_in(rows))
        return self._kept(predictions_in(table_in(predictions), self._last[1], self._scale))

    def _kept(self, held: Mapping[str, HeldOut]) -> KeptScores:
        for name, one in held.items():
            if name not in self._rows or self._rows[name].user is not one.user:
                self._rows[name] = Rows.of(one)
        judged = "test" if "test" in held else "valid"
        parts, sigma = with_distributions({name: one.prediction for name, one in held.items()}, self._rows)
        return to_kept(score_trial(parts, self._rows, judged, sigma), judged, self._rows[judged])


def to_kept(scores: TrialScores, judged: str, rows: Rows) -> KeptScores:
    """Scores as values that a file can hold; ``rows`` are those of the part that claims are made on."""
    sums, columns = {}, {}
    for name, metric in METRICS.items():
        if metric.loss is not None and metric.loss_name in scores.parts[judged].user_sums:
            first = next(one for one in METRICS if METRICS[one].loss_name == metric.loss_name)
            columns[name] = first
            sums[first] = scores.parts[judged].user_sums[metric.loss_name]
    about = {
        "judged": judged,
        "sums": columns,
        "sigma": scores.sigma,
        "temperature": scores.temperature,
        "failed": dict(scores.failed),
        "parts": {name: _plain(one) for name, one in scores.parts.items()},
    }
    return KeptScores(about, sums, JudgedUsers(rows.users, np.bincount(rows.codes, minlength=len(rows.users))))


def from_kept(kept: KeptScores) -> TrialScores:
    """The scores as they were; NaN for a metric that was not registered then."""
    about = kept.about
    columns = {METRICS[name].loss_name: column for name, column in about["sums"].items() if name in METRICS}
    sums = {loss: kept.sums[column] for loss, column in columns.items()}
    parts = {name: _scores(one, sums if name == about["judged"] else {}) for name, one in about["parts"].items()}
    return TrialScores(parts, about["sigma"], about["temperature"], about.get("failed", {}))


def _plain(one: PartScores) -> dict[str, Any]:
    table = one.calibration
    return {
        "n": one.n,
        "scores": dict(one.scores),
        "grid": [[*key, value] for key, value in one.grid.items()],
        "confusion": one.confusion.tolist(),
        "calibration": None if table is None else [each.tolist() for each in (table.count, table.predicted, table.observed)],
        "impossible": one.impossible,
    }


def _scores(plain: Mapping[str, Any], sums: Mapping[str, Any]) -> PartScores:
    table = plain["calibration"]
    return PartScores(
        plain["n"],
        {name: plain["scores"].get(name, float("nan")) for name in METRICS},
        {(decoder, name): value for decoder, name, value in plain["grid"]},
        np.array(plain["confusion"], dtype=np.int64),
        None if table is None else Calibration(*(np.array(one, dtype=np.float64) for one in table)),
        plain["impossible"],
        sums,
    )
