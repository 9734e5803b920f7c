"""The reference engine is fastai itself: its loaders, its Learner, and what an epoch of them sees."""

import numpy as np
import pandas as pd
import pytest

from cfce.engines import fit
from cfce.engines.fastai_engine import find_learning_rate, quiet_fastai
from cfce.errors import UserError


def rows_seen(task, stock=False):
    """How often one epoch of the train loader gives each (user, item, level), as pandas counts."""
    with quiet_fastai():
        from cfce.engines.fastai_learner import build_loaders

        batches = list(build_loaders(task, stock).train)
    columns = [np.concatenate([part.numpy().reshape(len(part), -1) for part in side]) for side in zip(*batches, strict=True)]
    return pd.DataFrame(np.concatenate(columns, axis=1)).value_counts()


def ratings_of(task):
    train = task.fold.train
    return pd.DataFrame({0: train.user, 1: train.item, 2: train.level}).value_counts()


def test_a_permutation_gives_each_training_rating_once_an_epoch(make_task):
    task = make_task(n_train=1920, batch_size=64)  # 30 whole batches
    assert rows_seen(task).to_dict() == ratings_of(task).to_dict()


@pytest.mark.parametrize("stock", [False, True], ids=["our bootstrap", "fastai's stock loader"])
def test_a_bootstrap_sees_63_percent_of_the_ratings_as_fastais_stock_loader_does(make_task, stock):
    """1 - 1/e = 0.632; the share of 6,400 distinct ratings has a standard deviation of 0.004."""
    task = make_task(n_train=6400, batch_size=64, sampler="bootstrap")
    np.random.seed(0)  # noqa: NPY002 - fastai's own loader draws from the global generator
    share = len(rows_seen(task, stock)) / len(ratings_of(task))
    assert share == pytest.approx(1 - 1 / np.e, abs=0.02)


def test_it_is_fastais_learner_with_fastais_adam_and_one_cycle(make_task):
    with quiet_fastai():
        from fastai.learner import Learner
        from fastai.optimizer import Adam

        from cfce.engines.fastai_learner import build_learner

        learner = build_learner(make_task())
    assert type(learner) is Learner
    assert learner.opt_func is Adam


def test_the_same_task_gives_the_same_bits_whatever_numpys_generator_did_before(make_task):
    task = make_task("cross-entropy")
    first = fit(task, "fastai", keep_step_losses=True)
    np.random.random(1000)  # noqa: NPY002 - what must not matter
    assert fit(task, "fastai", keep_step_losses=True).step_losses == first.step_losses


def test_pandas_is_left_as_it_was(make_task):
    before = pd.get_option("mode.chained_assignment") if "mode.chained_assignment" in dir(pd.options) else None
    fit(make_task(), "fastai")
    frame = pd.DataFrame({"a": [1, 2]})
    part = frame[frame.a > 1]
    part["b"] = 1  # raises where fastai's option is still set
    assert before is None or pd.get_option("mode.chained_assignment") == before


def test_a_diverged_training_is_told_although_fastai_ends_quietly(make_task):
    reason = fit(make_task("cross-entropy", learning_rate=1e30), "fastai").diverged
    assert reason is not None
    assert "loss of epoch 1 is" in reason


def test_a_batch_larger_than_train_is_refused(make_task):
    with pytest.raises(UserError, match="batch size 1000 came, but there are 800 training ratings"):
        fit(make_task(batch_size=1000), "fastai")


def test_the_finder_goes_up_from_1e_7_and_its_valley_is_a_rate_that_it_tried(make_task):
    found = find_learning_rate(make_task("cross-entropy", n_train=6400, batch_size=64))
    assert found.rates[0] == pytest.approx(1e-7)
    assert np.all(np.diff(found.rates) > 0)
    assert len(found.rates) == len(found.losses) <= 100
    assert np.isclose(found.rates, found.valley, rtol=1e-6).any()
    at_valley = found.losses[np.abs(found.rates - found.valley).argmin()]
    assert at_valley < found.losses[-1]  # before the loss explodes
