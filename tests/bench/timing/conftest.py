"""A small fold and a made-up result."""

from pathlib import Path

import numpy as np
import pytest

from bench.timing.cases import Case
from bench.timing.fits import FitTiming
from bench.timing.floor import FloorTiming
from bench.timing.latency import LatencyTiming
from bench.timing.result import TimingResult
from bench.timing.spread import Spread
from bench.variants.plugins import load_parts
from cfce.ratings import Ratings
from cfce.splits import Fold, split_ratings


@pytest.fixture(autouse=True, scope="session")
def variants() -> None:
    load_parts()


@pytest.fixture
def fold() -> Fold:
    """Two thousand random ratings of 1 to 5."""
    rng = np.random.default_rng(0)
    ratings = Ratings.from_columns(
        rng.integers(40, size=2000), rng.integers(50, size=2000), rng.integers(1, 6, 2000), name="random"
    )
    return split_ratings(ratings, "random-80-10-10", 0)


@pytest.fixture
def result() -> TimingResult:
    """fastai takes 10 s an epoch, torch 2 s, 8 stacked 0.5 s, fused 0.15 s, and the floor 0.1 s."""

    def row(engine: str, seconds: float, stacked: int = 1) -> FitTiming:
        rounds = (seconds * 0.9, seconds, seconds * 1.2)
        return FitTiming(Case(engine, "ce", "cpu", stacked), Spread(rounds), 80_000, 133_069, None)

    return TimingResult(
        created="2026-01-01T00:00:00+00:00",
        command="bench time",
        environment={
            "python": "3.11.7",
            "platform": "Linux-x",
            "cpu": "Some CPU",
            "cores": 2,
            "cuda_device": None,
            "versions": {"torch": "2.10"},
        },
        threads=1,
        data={
            "dataset": "ml-100k",
            "fingerprint": "f",
            "protocol": "random-80-10-10",
            "split": 0,
            "n_train": 80_000,
            "n_users": 944,
            "n_items": 1665,
        },
        options={"batch_size": 64, "n_factors": 50, "epochs": 5},
        fits=(row("fastai", 10), row("torch", 2), row("torch", 0.5, 8), row("fused", 0.15)),
        latencies=(LatencyTiming("torch", "ce", "cpu", 10_000, Spread((0.02, 0.03, 0.04))),),
        floor=FloorTiming(1250, 133_059, Spread((0.1, 0.1, 0.2))),
    )


@pytest.fixture
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test run's own, shared between its tests so that ratings are drawn once."""
    path = tmp_path_factory.getbasetemp() / "timing-cache"
    monkeypatch.setenv("CFCE_CACHE", str(path))
    return path
