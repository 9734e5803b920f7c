import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cfce.errors import UserError
from cfce.predictions import DECODERS, Prediction
from cfce.scale import RatingScale

FIVE = RatingScale((1, 2, 3, 4, 5))
HALVES = RatingScale((0.5, 1.0, 1.5))


def _classifier(rows, scale=FIVE):
    return Prediction(scale, None, np.array(rows, dtype=np.float32))


def test_three_decoders_read_three_values_from_one_distribution():
    prediction = _classifier([[0.4, 0.0, 0.2, 0.1, 0.3]])
    assert prediction.decode("mean").tolist() == [pytest.approx(0.4 + 0.6 + 0.4 + 1.5)]
    assert prediction.decode("median").tolist() == [3]
    assert prediction.decode("mode").tolist() == [1]
    assert prediction.levels("mean").tolist() == [2]  # 2.9 rounds to 3


def test_points_alone_are_their_own_mean_and_round_to_median_and_mode():
    prediction = Prediction(FIVE, np.array([4.4, 5.6, 0.1], np.float32))
    assert prediction.decode("mean").tolist() == [pytest.approx(4.4), pytest.approx(5.6), pytest.approx(0.1)]
    for decoder in ("median", "mode"):
        assert prediction.decode(decoder).tolist() == [4, 5, 1]
        assert prediction.levels(decoder).tolist() == [3, 4, 0]


def test_points_beside_probabilities_stand_for_the_mean_only():
    prediction = Prediction(FIVE, np.array([2.0], np.float32), np.array([[0, 0, 0, 0, 1]], np.float32))
    assert prediction.decode("mean").tolist() == [2]
    assert prediction.decode("mode").tolist() == [5]


@given(hnp.arrays(np.float64, (7, 3), elements=st.floats(0.01, 1)))
def test_decoders_give_values_of_the_scale_with_the_property_that_names_them(raw):
    probabilities = (raw / raw.sum(axis=1, keepdims=True)).astype(np.float32)
    prediction = Prediction(HALVES, None, probabilities)
    rows = np.arange(7)
    cumulative = probabilities.astype(float).cumsum(axis=1)
    median = prediction.levels("median")
    assert (cumulative[rows, median] >= 0.5 - 1e-6).all()
    assert (cumulative[rows, median] - probabilities[rows, median] <= 0.5 + 1e-6).all()
    assert (probabilities[rows, prediction.levels("mode")] == probabilities.max(axis=1)).all()
    assert set(prediction.decode("mode")) <= set(HALVES.values)
    assert ((prediction.decode("mean") >= 0.5) & (prediction.decode("mean") <= 1.5)).all()


@pytest.mark.parametrize("decoder", DECODERS)
def test_an_empty_part_decodes_to_nothing(decoder):
    assert len(Prediction(FIVE, None, np.empty((0, 5), np.float32)).decode(decoder)) == 0
    assert len(Prediction(FIVE, np.empty(0, np.float32)).levels(decoder)) == 0


def test_what_is_no_prediction_is_refused_in_a_sentence():
    with pytest.raises(UserError, match="needs points or probabilities"):
        Prediction(FIVE)
    with pytest.raises(UserError, match=r"one column a level, \(N, 5\), but came as \(2, 3\)"):
        _classifier([[0.2, 0.3, 0.5]] * 2)
    with pytest.raises(UserError, match=r"points are one a rating, \(2,\) beside probabilities of \(2, 5\), but came as \(3,\)"):
        Prediction(FIVE, np.ones(3, np.float32), np.full((2, 5), 0.2, np.float32))
    with pytest.raises(UserError, match=r"points are one a rating, \(N,\), but came as \(2, 1\)"):
        Prediction(FIVE, np.ones((2, 1), np.float32))
    with pytest.raises(UserError, match="unknown decoder 'average'; allowed: mean, median, mode"):
        _classifier([[0.2] * 5]).decode("average")
