"""From a file of ratings, through a fold and predictions on disk, to a score that a reader can redo."""

import numpy as np
import pytest

from bench.comparison.kept import Reducer, from_kept
from bench.plan.data_source import load_ratings
from bench.study.held_out import HeldRows
from bench.study.prediction_file import read_predictions, write_predictions
from cfce.predictions import Prediction
from cfce.splits import split_ratings

RATINGS = {
    "tenths": ["0.1", "0.2", "0.3"],
    "around zero": [str(one) for one in range(-5, 6)],
    "millions": ["1000000", "1000001", "1000002"],
    "hundred": [str(one) for one in range(1, 101)],
}


@pytest.mark.parametrize("values", RATINGS.values(), ids=RATINGS)
def test_the_middle_rating_scores_the_mean_distance_to_it(values, tmp_path):
    """Thirty users rate 50 items in turn; of a prediction that is always the middle rating, MAE is the mean distance to it."""
    rows = [(user, item, values[(7 * user + 3 * item) % len(values)]) for user in range(30) for item in range(50)]
    file = tmp_path / "mine.csv"
    file.write_text("user,item,rating\n" + "".join(f"{user},{item},{rating}\n" for user, item, rating in rows))
    ratings = load_ratings("", path=file, report=lambda line: None)
    assert [ratings.scale.label(level) for level in range(ratings.scale.n_levels)] == values, "labels are exact and unique"
    fold = split_ratings(ratings, "random-80-10-10", 0)
    middle = len(values) // 2
    mass = np.full(len(values), 0.5 / (len(values) - 1), dtype=np.float32)
    mass[middle] = 0.5
    held = {}
    for part, own in HeldRows.of_fold(fold).items():
        points = np.full(len(own), ratings.scale.array[middle])
        held[part] = own.predicted(part, Prediction(ratings.scale, points, np.tile(mass, (len(own), 1))))
    path = tmp_path / "study" / "predictions" / "one.parquet"
    write_predictions(path, held, ratings.scale)
    assert np.array_equal(read_predictions(path, ratings.scale)["test"].level, held["test"].level)
    scores = from_kept(Reducer(ratings.scale).kept_of(path)).parts["test"].scores
    observed = np.array([float(values[level]) for level in held["test"].level])
    distance = np.abs(observed - float(values[middle]))
    assert scores["mae"] == pytest.approx(distance.mean(), rel=1e-5)
    assert scores["rmse"] == pytest.approx(np.sqrt((distance**2).mean()), rel=1e-5)
    assert scores["accuracy"] == pytest.approx(np.mean(distance < 1e-9))
    hit = np.mean(distance < 1e-9)
    assert scores["raw_nll"] == pytest.approx(-hit * np.log(0.5) - (1 - hit) * np.log(mass[0]), rel=1e-5)
