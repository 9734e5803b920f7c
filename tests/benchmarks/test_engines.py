"""An epoch of each engine, and the floor: ``pytest tests/benchmarks --benchmark-enable --benchmark-only``."""

import math
from dataclasses import replace

import pytest

from bench.timing.cases import Case
from bench.timing.floor import bare_adam
from bench.timing.rounds import torch_threads
from cfce.batches import n_batches
from cfce.engines import fit
from cfce.engines.task import Task
from cfce.engines.torch_engine import fit_batched
from cfce.models.dot_product_bias import dot_product_bias
from cfce.models.dot_product_weights import initial_weights
from cfce.objectives import OBJECTIVES, objective_named
from cfce.seeds import stream

VARIANTS = ("regression", "ce-sigmoid", "ce")


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("engine", ["fused", "torch", "fastai"])
def test_an_epoch(benchmark, fold, options, engine, variant):  # type: ignore[no-untyped-def]
    (task,) = Case(engine, variant, "cpu").tasks(fold, options)
    with torch_threads(1, engine != "fused"):
        fitted = benchmark.pedantic(fit, (task, engine), rounds=1 if engine == "fastai" else 3, warmup_rounds=1)
    assert math.isfinite(fitted.history[0].train_loss)


def test_an_epoch_of_eight_at_once(benchmark, fold, options):  # type: ignore[no-untyped-def]
    tasks = Case("torch", "regression", "cpu", 8).tasks(fold, options)
    with torch_threads(1):
        fitted = benchmark.pedantic(fit_batched, (tasks,), rounds=3, warmup_rounds=1)
    assert len({one.history[0].train_loss for one in fitted}) == 8


@pytest.mark.parametrize("objective", sorted(OBJECTIVES))
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_an_epoch_of_each_objective(benchmark, fold, options, optimizer, objective):  # type: ignore[no-untyped-def]
    chosen = replace(options, optimizer=optimizer, n_factors=10 if optimizer == "sgd" else options.n_factors)
    task = Task(fold, dot_product_bias, objective_named(objective), chosen, seed=0, order=0)
    fitted = benchmark.pedantic(fit, (task, "fused"), rounds=3, warmup_rounds=1)
    assert math.isfinite(fitted.history[0].train_loss)


def test_the_floor_of_an_epoch(benchmark, fold, options):  # type: ignore[no-untyped-def]
    n_parameters = (fold.ratings.n_users + fold.ratings.n_items) * (options.n_factors + 1)
    run = bare_adam(n_batches(len(fold.train), options.batch_size), n_parameters)
    assert benchmark.pedantic(run, rounds=3, warmup_rounds=1) > 0


def test_initial_weights(benchmark, fold, options):  # type: ignore[no-untyped-def]
    (task,) = Case("fused", "regression", "cpu").tasks(fold, options)
    weights = benchmark(lambda: initial_weights(task.sizes, stream(0, "weights")))
    assert weights["user_factors"].shape == (fold.ratings.n_users, options.n_factors)
