"""The data of the benchmarks: as large as MovieLens 100k when they are timed, small when they only have to run."""

from pathlib import Path

import numpy as np
import pytest

from bench.plan.data_source import first_ratings
from bench.variants.plugins import load_parts
from cfce.datasets import load_dataset
from cfce.options import TrainingOptions
from cfce.splits import Fold, split_ratings

TIMED, RUN = 100_000, 1_000


@pytest.fixture(autouse=True, scope="session")
def variants() -> None:
    load_parts()


@pytest.fixture(scope="session")
def timed(request: pytest.FixtureRequest) -> bool:
    """Whether benchmarks are timed in this run (``--benchmark-enable``), and not just run once."""
    return bool(not request.config.getoption("benchmark_disable") or request.config.getoption("benchmark_enable"))


@pytest.fixture(scope="session")
def fold(timed: bool, tmp_path_factory: pytest.TempPathFactory) -> Fold:
    """A fold of drawn ratings: nothing is fetched for a benchmark."""
    cache: Path = tmp_path_factory.getbasetemp() / "benchmark-cache"
    ratings = load_dataset(f"synthetic-{TIMED if timed else RUN}", cache=cache, log=lambda line: None)
    return split_ratings(first_ratings(ratings, TIMED), "random-80-10-10", 0)


@pytest.fixture(scope="session")
def options() -> TrainingOptions:
    """One epoch with the book's options."""
    return TrainingOptions(epochs=1)


@pytest.fixture(scope="session")
def probabilities(fold: Fold) -> np.ndarray:
    """A distribution for each test rating, (n, K)."""
    mass = np.random.default_rng(0).gamma(1.0, size=(len(fold.test), fold.scale.n_levels))
    return np.asarray(mass / mass.sum(axis=1, keepdims=True), dtype=np.float32)
