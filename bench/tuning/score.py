"""The score of a trial on valid: all that a search sees of it. Predictions of test are not read."""

import io
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.statistics.temperature import at_temperature, fit_temperature
from cfce.metrics import METRICS, fit_sigma, with_distribution
from cfce.predictions import Prediction
from cfce.scale import RatingScale


def valid_score(predictions: bytes | Path, metric: str, scale: RatingScale) -> float:
    """The score of a trial's file of predictions, or of its bytes, on valid.

    As in reports, points get a normal distribution whose standard deviation is fitted on valid, and distributions a temperature
    where
    the metric judges fitted ones.
    """
    labels = [f"p_{scale.label(one)}" for one in range(scale.n_levels)]
    source = io.BytesIO(predictions if isinstance(predictions, bytes) else predictions.read_bytes())
    with pq.ParquetFile(source) as file:
        wanted = [name for name in ("part", "user", "level", "prediction", *labels) if name in file.schema_arrow.names]
        table = file.read(columns=wanted)
    table = table.filter(pc.equal(table["part"].cast("string"), "valid")).combine_chunks()
    level = table["level"].to_numpy().astype(np.uint8)
    points = table["prediction"].to_numpy() if "prediction" in wanted else None
    mass = np.column_stack([table[name].to_numpy() for name in labels]) if labels[0] in wanted else None
    prediction = Prediction(scale, points, mass)
    if mass is None and points is not None:
        prediction = with_distribution(prediction, fit_sigma(points, level, scale))
    elif mass is not None and METRICS[metric].calibrated:
        fitted = at_temperature(mass, fit_temperature(mass, level)).astype(np.float32)
        prediction = Prediction(scale, points, fitted)
    users = pc.dictionary_encode(table["user"]).combine_chunks().indices.to_numpy()
    return METRICS[metric].of(prediction, level, users)
