"""What an estimator of one's own gives is made plain or refused in one sentence, before a study keeps it."""

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest

from bench.harness.fitted import checked
from bench.harness.fitting import Trainer
from bench.plan.trial import Trial
from bench.registry import Estimator, register_variant
from bench.variants.variant import VARIANTS
from cfce.datasets import load_dataset
from cfce.datasets.stored import save_ratings
from cfce.engines.task import Epoch, Fitted
from cfce.errors import UserError
from cfce.options import OptionValues
from cfce.predictions import Prediction
from cfce.splits import split_ratings


@dataclass(frozen=True)
class OfNumpy(Estimator):
    """Numbers of NumPy everywhere."""

    def fit(self, task):
        return replace(fitted(task.fold), n_parameters=np.int64(7), fit_seconds=np.float32(0.5), peak_memory_mb=np.int32(3))


def fitted(fold, *, test=None, history=()):
    """A fit of threes, with another prediction of test."""
    threes = {part: Prediction(fold.scale, np.full(len(fold.rows(part)), 3.0)) for part in fold.held_out}
    return Fitted(history, {**threes, **({} if test is None else {"test": test})}, 0.1, 1.0, 0)


@pytest.fixture(scope="module")
def ratings():
    return load_dataset("synthetic-1000")


@pytest.fixture(scope="module")
def fold(ratings):
    return split_ratings(ratings, "random-80-10-10", 0)


def test_numbers_of_numpy_are_kept_as_plain_ones(ratings, tmp_path):
    register_variant("of-numpy", "a test's", estimator=OfNumpy())
    try:
        save_ratings(ratings, tmp_path)
        trial = Trial("x", "x", "random-80-10-10", "of-numpy", "estimator", "cpu", 0, 0, 0, OptionValues(), "x")
        (outcome,) = Trainer(tmp_path, print).fit((trial,))
    finally:
        VARIANTS.forget("of-numpy")
    record = json.loads(json.dumps(outcome.record.to_json()))
    assert (record["status"], record["n_parameters"], record["fit_seconds"], record["peak_memory_mb"]) == ("ok", 7, 0.5, 3.0)


def test_what_is_not_known_of_a_fit_is_0(fold):
    plain = checked(replace(fitted(fold), n_parameters=None, peak_memory_mb=np.nan), fold)
    assert (plain.n_parameters, plain.peak_memory_mb) == (0, 0.0)


def changed(values, at, value):
    values = values.copy()
    values[at] = value
    return values


EVEN = np.full((100, 5), 0.2, dtype=np.float32)
THREES = np.full(100, 3.0)


@pytest.mark.parametrize(
    ("points", "probabilities", "sentence"),
    [
        (THREES[:1], None, "it gave 1 predictions of the 100 ratings of test; give one a rating, in their order"),
        (changed(THREES, 7, np.nan), None, "its prediction of rating 7 of test is nan; it is a finite number"),
        (changed(THREES, 8, -np.inf), None, "its prediction of rating 8 of test is -inf; it is a finite number"),
        (None, changed(EVEN, 9, 0.3), "its probabilities of rating 9 of test sum to 1.5; they sum to 1"),
        (None, changed(EVEN, (3, 1), np.nan), "its probabilities of rating 3 of test sum to nan; they sum to 1"),
        (None, changed(EVEN, 2, [-0.5, 0.5, 0.5, 0.25, 0.25]), "a probability of test is -0.5; it is from 0 to 1"),
    ],
)
def test_predictions_that_cannot_be_scored_are_refused_in_one_sentence(points, probabilities, sentence, fold):
    with pytest.raises(UserError) as error:
        checked(fitted(fold, test=Prediction(fold.scale, points, probabilities)), fold)
    assert str(error.value) == sentence


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (lambda fold: None, "its fit gave None; a fit gives a Fitted, as cfce.engines.task has it"),
        (lambda fold: replace(fitted(fold), fit_seconds="long"), "fit_seconds of its fit is 'long'; it is a number, 0 or above"),
        (lambda fold: replace(fitted(fold), n_parameters=-1), "n_parameters of its fit is -1; it is a number, 0 or above"),
        (lambda fold: replace(fitted(fold), predictions={}), "it gave nothing for valid; a fit gives a Prediction of each part"),
        (lambda fold: fitted(fold, test=THREES), "it gave a ndarray for test; a fit gives a Prediction of each part"),
    ],
)
def test_a_fit_that_is_none_says_what_is_wrong_with_it(given, sentence, fold):
    with pytest.raises(UserError) as error:
        checked(given(fold), fold)
    assert str(error.value).startswith(sentence)


def test_a_training_that_diverged_stays_diverged_whatever_it_predicts(fold):
    nothing = Prediction(fold.scale, changed(THREES, 7, np.nan))
    given = fitted(fold, test=nothing, history=(Epoch(np.float32(1), np.float32("nan"), 0.1),))
    assert checked(given, fold).diverged == "the valid loss of epoch 1 is nan"
