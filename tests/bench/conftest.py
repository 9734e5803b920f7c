"""A study folder written in a second: made-up predictions of made-up ratings, as the harness would leave them."""

import importlib.util
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pytest

from bench import Study, load_study
from bench.plan.trial import Trial
from bench.study import HeldOut, Record
from bench.study.files import sha256_of
from bench.study.formats import write_record, write_settings
from bench.study.prediction_file import write_predictions
from cfce.engines.task import Epoch
from cfce.metrics import normal_over_levels
from cfce.options import OptionValues, TrainingOptions
from cfce.predictions import Prediction
from cfce.scale import RatingScale
from cfce.seeds import stream

FIVE = RatingScale((1, 2, 3, 4, 5))
MAKER = Path(__file__).parent / "study_maker.py"


@pytest.fixture(scope="session")
def study_maker():
    """The module that writes studies as reports have them, with troubles and a hostile name."""
    if "study_maker" not in sys.modules:
        spec = importlib.util.spec_from_file_location("study_maker", MAKER)
        module = importlib.util.module_from_spec(spec)
        sys.modules["study_maker"] = module
        spec.loader.exec_module(module)
    return sys.modules["study_maker"]


@dataclass(frozen=True)
class MadeUp:
    """One variant at one learning rate; its points are the true score with noise of standard deviation ``noise``."""

    variant: str
    family: str = "regression"
    learning_rate: float = 5e-3
    noise: float = 0.3
    status: str = "ok"
    sampler: str = "permutation"
    tag: int = 0
    """Two variants with different tags draw different noise for the same seed."""


def _truth(split: int, part: str, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = stream(split, part)
    pair = rng.choice(60 * 90, n, replace=False)
    user = np.array([f"u{one}" for one in pair // 90], dtype=object)
    score = rng.normal(3.5, 0.7, n)
    level = FIVE.nearest(score + rng.normal(0, 0.9, n))
    return user, (pair % 90).astype(object), score, level


def _held(made: MadeUp, draw: tuple[int, int, int], part: str, n: int) -> HeldOut:
    user, item, score, level = _truth(draw[0], part, n)
    rng = stream(draw[1] * 1000 + draw[2], f"{made.tag} {part}")
    if made.variant == "constant":
        score, noise = np.full(n, 3.5), 0.0
    else:
        noise = made.noise
    points = score + rng.normal(0, noise, n)
    mass = normal_over_levels(points, 0.9 + noise, FIVE).astype(np.float32)
    if made.family == "regression":
        prediction = Prediction(FIVE, points.astype(np.float32))
    else:
        prediction = Prediction(FIVE, points.astype(np.float32) if made.family == "baseline" else None, mass)
    return HeldOut(part, user, item, level, prediction)


def _record(made: MadeUp, draw: tuple[int, int, int], protocol: str, digest: str | None, n: int) -> Record:
    options = {} if made.family == "baseline" else asdict(TrainingOptions(learning_rate=made.learning_rate, sampler=made.sampler))
    what = ("made-up", "f" * 64, protocol, made.variant, "fused", "cpu")
    trial = Trial(*what, *draw, OptionValues(options), "code").identified({})
    history = (Epoch(1.2, 1.1, 0.1), Epoch(1.0, 0.9, 0.1))
    reason = "" if made.status == "ok" else "the train loss of epoch 2 is nan"
    sizes = {"train": 8 * n, "valid": n, "test": 0 if protocol == "random-80-20" else n}
    return Record(trial, made.status, reason, history, 0.5, 100.0, 1000, (), digest, sizes)


@pytest.fixture(scope="session")
def make_study() -> Callable[..., Study]:
    """``make_study(path, made, draws, n=400, protocol="random-80-10-10")`` writes a study folder and reads it."""

    def make(
        path: Path,
        made: Sequence[MadeUp],
        draws: Sequence[tuple[int, int, int]] = ((0, 0, 0), (1, 1, 1)),
        n: int = 400,
        protocol: str = "random-80-10-10",
    ) -> Study:
        parts = ("valid", "test") if protocol == "random-80-10-10" else ("valid",)
        ids = []
        for draw in draws:
            for one in made:
                trial_id = _record(one, draw, protocol, None, n).trial_id
                digest = None
                if one.status == "ok":
                    file = path / "predictions" / f"{trial_id}.parquet"
                    write_predictions(file, {part: _held(one, draw, part, n) for part in parts}, FIVE)
                    digest = sha256_of(file)
                write_record(path / "trials" / f"{trial_id}.json", _record(one, draw, protocol, digest, n))
                ids.append(trial_id)
        environment = {"python": "3", "platform": "-", "cpu": "-", "cores": 2, "cuda_device": None, "versions": {}}
        plan = {"protocol": protocol, "seeds": len(draws), "splits": None, "orders": None, "crossed": False}
        counts = {"n_ratings": 10 * n, "n_users": 60, "n_items": 90, "n_repeated_pairs": 0}
        asked = "2026-01-01T00:00:00+00:00"
        write_settings(
            path / "study.json",
            {
                "name": path.name,
                "created": asked,
                "data": {"dataset": "made-up", "fingerprint": "f" * 64, **counts, "scale": [1, 2, 3, 4, 5], "options": {}},
                "plans": [{"command": "bench run", "asked": asked, "plan": plan, "environment": environment, "trial_ids": ids}],
                "variants": {one.variant: {"description": "", "family": one.family, "mermaid": ""} for one in made},
                "added": [],
            },
        )
        return load_study(path)

    make.MadeUp = MadeUp  # type: ignore[attr-defined]
    return make
