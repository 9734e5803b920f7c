"""Banks of real trainings, from which studies of any design are drawn: made once, kept in the user's cache folder.

    cd tests/statistics; python -m proofs.bank ml-100k ce

A bank is a folder with one npz for each split and rate; each holds, for every seed, the valid scores and the sum of each loss
over each user's test ratings. Every split has the same seeds: a nested study draws other seeds of the bank for each split.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.plan.data_source import load_ratings
from bench.statistics.temperature import at_temperature, fit_temperature
from bench.variants.built_in import DOT_PRODUCT
from cfce.datasets import cache_dir
from cfce.engines.fused import FUSED
from cfce.engines.task import Fitted, Task
from cfce.estimators import Network
from cfce.metrics import METRICS, with_distribution
from cfce.metrics.distribution import fit_sigma
from cfce.models.dot_product_bias import dot_product_bias
from cfce.options import TrainingOptions
from cfce.predictions import Prediction
from cfce.splits import Fold, split_ratings

SCORES = ("normalized_rmse", "accuracy", "nll", "rps")
RATES = (0.005, 0.01, 0.03, 0.1)
FORMAT = 1


@dataclass(frozen=True)
class Size:
    """How much of a bank there is."""

    n_splits: int = 20
    n_seeds: int = 40
    rates: tuple[float, ...] = RATES


@dataclass(frozen=True, eq=False)
class Bank:
    """Trainings of one variant on one dataset: S splits, N seeds, R rates, M scores, U users."""

    valid: NDArray[np.float64]
    """(R, S, N, M)."""
    sums: NDArray[np.float32]
    """(R, M, S, N, U): the sum of each score's loss over each user's test ratings."""
    counts: NDArray[np.float64]
    """(S, U): test ratings of each user."""
    rates: tuple[float, ...]
    span: float

    def score(self, metric: int, mean_loss: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores of mean losses."""
        return np.sqrt(mean_loss) / self.span if SCORES[metric] == "normalized_rmse" else mean_loss


def bank_folder(dataset: str, variant: str) -> Path:
    """Where a bank is kept."""
    return cache_dir() / "statistics-banks" / f"{dataset}-{variant}.{FORMAT}"


def open_bank(dataset: str, variant: str, size: Size = Size(), report: Callable[[str], None] = lambda line: None) -> Bank:
    """A bank; trains what is missing of it."""
    folder = bank_folder(dataset, variant)
    folder.mkdir(parents=True, exist_ok=True)
    names = [[folder / f"{rate:g}-split-{split}.npz" for split in range(size.n_splits)] for rate in size.rates]
    if not all(_complete(name, size.n_seeds) for row in names for name in row):
        _make(dataset, variant, size, names, report)
    parts = [[_read(name, size.n_seeds) for name in row] for row in names]
    counts = np.stack([one["counts"] for one in parts[0]]).astype(np.float64)
    return Bank(
        np.stack([np.stack([one["valid"] for one in row]) for row in parts]).astype(np.float64),
        np.stack([np.stack([one["sums"] for one in row]) for row in parts]).transpose(0, 3, 1, 2, 4),
        counts,
        size.rates,
        float(parts[0][0]["span"]),
    )


def _complete(name: Path, n_seeds: int) -> bool:
    if not name.exists():
        return False
    with np.load(name) as content:
        return len(content["valid"]) >= n_seeds


def _read(name: Path, n_seeds: int) -> dict[str, NDArray[np.float64]]:
    with np.load(name) as content:
        return {key: content[key][:n_seeds] if key in ("valid", "sums") else content[key] for key in content.files}


def _make(dataset: str, variant: str, size: Size, names: list[list[Path]], report: Callable[[str], None]) -> None:
    ratings = load_ratings(dataset, report=report)
    network = Network(dot_product_bias, DOT_PRODUCT[variant][0])
    FUSED.load()
    for split in range(size.n_splits):
        fold = split_ratings(ratings, "random-80-10-10", split)
        for rate, row in zip(size.rates, names, strict=True):
            if not _complete(row[split], size.n_seeds):
                options = replace(TrainingOptions(), learning_rate=rate)
                found = [
                    _scored(fold, FUSED.fit(Task(fold, dot_product_bias, network.objective, options, seed, seed), False))
                    for seed in range(size.n_seeds)
                ]
                counts = np.bincount(_users(fold), minlength=ratings.n_users)
                whole = row[split].with_suffix(".part.npz")
                valid, sums = (np.stack([one[at] for one in found]) for at in (0, 1))
                np.savez(whole, valid=valid, sums=sums, counts=counts, span=fold.scale.span)
                whole.replace(row[split])
        report(f"{dataset} {variant}: split {split + 1} of {size.n_splits}")


def _users(fold: Fold) -> NDArray[np.intp]:
    """The users of the test ratings, those that train does not have too."""
    return fold.ratings.user[fold.test_rows].astype(np.intp)


def _scored(fold: Fold, fitted: Fitted) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """The valid scores (M,) and the losses' sums by user (M, U), both after one parameter fitted on valid."""
    valid, test = _with_one_parameter(fold, fitted)
    users, n_users = _users(fold), fold.ratings.n_users
    scores, sums = [], []
    for name in SCORES:
        metric = METRICS[name]
        assert metric.loss is not None
        scores.append(float(metric.score(metric.loss(valid, fold.valid.level).astype(np.float64).mean(), fold.scale)))
        sums.append(np.bincount(users, metric.loss(test, fold.test.level), minlength=n_users).astype(np.float32))
    return np.array(scores), np.stack(sums)


def _with_one_parameter(fold: Fold, fitted: Fitted) -> tuple[Prediction, Prediction]:
    valid, test = fitted.predictions["valid"], fitted.predictions["test"]
    if valid.probabilities is None:
        assert valid.points is not None
        sigma = fit_sigma(valid.points, fold.valid.level, fold.scale)
        return with_distribution(valid, sigma), with_distribution(test, sigma)
    temperature = fit_temperature(valid.probabilities, fold.valid.level)
    parts = [at_temperature(one.probabilities, temperature) for one in (valid, test) if one.probabilities is not None]
    return Prediction(fold.scale, None, parts[0]), Prediction(fold.scale, None, parts[1])


if __name__ == "__main__":
    open_bank(sys.argv[1], sys.argv[2], report=lambda line: print(line, flush=True))
