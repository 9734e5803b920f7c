"""The score of a trial on valid: all that a search sees of it. Predictions of test are not scored."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.comparison.kept import from_kept
from bench.statistics.temperature import at_temperature, fit_temperature
from bench.study.fold_rows import RowReader
from bench.study.prediction_file import read_predictions
from bench.study.record import Record
from bench.study.score_file import read_kept
from bench.study.whole import prediction_path, score_path
from cfce.errors import UserError
from cfce.metrics import METRICS, Metric, fit_sigma, with_distribution
from cfce.predictions import Prediction
from cfce.scale import RatingScale


class ValidScorer:
    """Scores files of predictions by one metric; keeps the rows of each split."""

    def __init__(self, metric: str, scale: RatingScale) -> None:
        self._metric, self._scale = METRICS[metric], scale
        self._readers: defaultdict[int, RowReader] = defaultdict(RowReader)

    def of(self, folder: Path, record: Record) -> float:
        """The score on valid of a trial of a study, from its predictions or the scores that it keeps in their place.

        Raises ``UserError`` where it keeps scores alone, of metrics that there were when it was trained, and not this one.
        """
        if record.keeps_predictions:
            return self.score(prediction_path(folder, record.trial_id), record.trial.split)
        kept, name = read_kept(score_path(folder, record.trial_id)), self._metric.name
        if name not in kept.about["parts"]["valid"]["scores"]:
            raise UserError(
                f"'{folder}' keeps the scores of trial {record.trial_id} ('{record.trial.variant}') and no predictions, and "
                f"{name} is not among them; pass a --metric that is, another --out, or --no-resume to train its trials again"
            )
        return from_kept(kept).parts["valid"].scores[name]

    def score(self, path: Path, split: int) -> float:
        """The score on valid of predictions of a split."""
        held = read_predictions(path, self._scale, self._readers[split])["valid"]
        return score_on_valid(self._metric, held.prediction, held.level, held.user)


def score_on_valid(metric: Metric, prediction: Prediction, level: NDArray[np.uint8], user: Any) -> float:
    """The score of a prediction of valid's n ratings, of these levels (n,) and of these users, as ids or as codes (n,).

    As in reports, points get a normal distribution whose standard deviation is fitted on valid, and distributions a
    temperature where the metric judges fitted ones.
    """
    scale = prediction.scale
    if prediction.probabilities is None and prediction.points is not None:
        prediction = with_distribution(prediction, fit_sigma(prediction.points, level, scale))
    elif prediction.probabilities is not None and metric.calibrated:
        mass = prediction.probabilities
        fitted = at_temperature(mass, fit_temperature(mass, level)).astype(np.float32)
        prediction = Prediction(scale, prediction.points, fitted, prediction.derived)
    return metric.of(prediction, level, None if metric.ranking is None else pd.factorize(user)[0])
