"""A measurement times the fit and nothing else, in rounds that take turns."""

import sys
from dataclasses import replace

import pytest

from bench.timing import rounds
from bench.timing.cases import Case, cases_of
from bench.timing.fits import Budget, time_fits
from bench.timing.floor import bare_adam
from bench.timing.latency import time_latency
from bench.timing.rounds import torch_threads
from cfce.engines import ENGINES, Engine
from cfce.engines.task import Fitted
from cfce.errors import UserError
from cfce.options import TrainingOptions
from cfce.splits import Fold

OPTIONS = TrainingOptions(epochs=2, n_factors=4)


def timed(monkeypatch: pytest.MonkeyPatch, fold: Fold, budget: Budget, cases: list[Case]):  # type: ignore[no-untyped-def]
    """Time with engines that say they took 6 s, the trials of a batch 2 s each; gives the timings and the calls."""
    calls: list[str] = []

    def fit_batch(tasks, size, report):  # type: ignore[no-untyped-def]
        calls.append(f"batch of {len(tasks)}, seeds {[task.seed for task in tasks]}")
        return [Fitted((), {}, 2.0, 1.0, 7) for _ in tasks]

    def timed_engine(engine: Engine) -> Engine:
        def fit(task, keep_step_losses):  # type: ignore[no-untyped-def]
            calls.append(f"{engine.name} {task.objective.name} {task.options.epochs} {len(task.fold.train)}")
            return Fitted((), {}, 6.0, 1.0, 7)

        return replace(engine, fit=fit, fit_batch=fit_batch)

    monkeypatch.setattr(rounds, "ENGINES", {name: timed_engine(engine) for name, engine in ENGINES.items()})
    return time_fits(cases, fold, OPTIONS, budget, 1, lambda line: None, lambda: calls.append("beside")), calls


def test_rounds_take_turns_after_a_warm_up_of_one_epoch(monkeypatch: pytest.MonkeyPatch, fold: Fold) -> None:
    cases = [Case("fastai", "regression", "cpu"), Case("fused", "ce", "cpu")]
    timings, calls = timed(monkeypatch, fold, Budget(rounds=2), cases)
    warm_up = ["fastai squared-error 1 640", "fused cross-entropy 1 1600"]
    turn = ["beside", "fastai squared-error 2 1600", "fused cross-entropy 2 1600"]
    assert calls == [*warm_up, *turn, *turn]
    assert [timing.seconds.rounds for timing in timings] == [(3.0, 3.0), (3.0, 3.0)]
    assert timings[0].ratings == 25 * 64
    assert timings[0].ratings_per_second == pytest.approx(1600 / 3)


def test_a_batch_is_timed_by_the_trial(monkeypatch: pytest.MonkeyPatch, fold: Fold) -> None:
    (timing,), calls = timed(monkeypatch, fold, Budget(rounds=1), [Case("torch", "ce", "cpu", 3)])
    assert calls[0] == "batch of 3, seeds [0, 1, 2]"
    assert timing.seconds.rounds == (1.0,)


def test_a_budget_of_no_rounds_is_refused() -> None:
    with pytest.raises(UserError, match="--rounds 0 and --budget 60 came; rounds are a count from 1"):
        Budget(rounds=0)


def test_the_fused_engine_is_timed_without_importing_torch(fold: Fold) -> None:
    had_torch = "torch" in sys.modules
    (timing,) = time_fits([Case("fused", "ce", "cpu")], fold, OPTIONS, Budget(2), 1, lambda line: None)
    assert len(timing.seconds.rounds) == 2
    assert 0 < timing.seconds.median < 5
    assert ("torch" in sys.modules) == had_torch


def test_threads_are_given_back() -> None:
    import torch

    before = torch.get_num_threads()
    with torch_threads(before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


def test_latency_covers_each_model_once_for_each_batch(fold: Fold) -> None:
    cases = cases_of(None, ["regression"], ["cpu"])
    found = time_latency(cases, fold, OPTIONS, rounds=2, threads=1, batches=(1, 50))
    assert [(one.engine, one.batch) for one in found] == [("torch", 1), ("torch", 50), ("fused", 1), ("fused", 50)]
    assert all(0 < one.seconds.median < 1 for one in found)


def test_the_floor_takes_longer_for_more_updates() -> None:
    few, many = bare_adam(1, 20_000), bare_adam(400, 20_000)
    many()
    assert min(many() for _ in range(3)) > 20 * min(few() for _ in range(3))
