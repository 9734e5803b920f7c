"""How long a prediction takes: of one rating, and of a batch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from bench.timing.cases import Case
from bench.timing.rounds import torch_threads
from bench.timing.spread import Spread
from cfce.engines.task import Task
from cfce.options import TrainingOptions
from cfce.predictions import Prediction
from cfce.splits import Fold, Part

BATCHES = (1, 10_000)
"""Ratings predicted in one call."""

LEAST_ROUND = 2e-3
"""Seconds that a round lasts at least, in as many calls as that takes: the clock then adds nothing."""


@dataclass(frozen=True)
class LatencyTiming:
    """Seconds from arrays of user and item codes to the prediction, copies to and from the device included."""

    engine: str
    """``'torch'`` stands for ``'fastai'`` too: both predict by the same network."""
    variant: str
    device: str
    batch: int
    seconds: Spread

    @property
    def name(self) -> str:
        """How other files name this row."""
        return f"prediction-{self.engine}-{self.variant}-{self.device}-{self.batch}"


def time_latency(
    cases: Sequence[Case], fold: Fold, options: TrainingOptions, rounds: int, threads: int, batches: Sequence[int] = BATCHES
) -> list[LatencyTiming]:
    """Time the predictions of each model of the cases; the weights are those before training, which take as long."""
    found = []
    models = models_of(cases)
    with torch_threads(threads, any(model.engine != "fused" for model in models)):
        for model in models:
            (task,) = model.tasks(fold, options)
            predict = _fused(task) if model.engine == "fused" else _torch(task)
            for batch in batches:
                seconds = _rounds(predict, _some(fold, batch), rounds)
                found.append(LatencyTiming(model.engine, model.variant, model.device, batch, seconds))
    return found


def models_of(cases: Sequence[Case]) -> list[Case]:
    """The models of the cases, each once, for one trial; the torch engine's stands for fastai's."""
    models = (Case("torch" if case.engine == "fastai" else case.engine, case.variant, case.device) for case in cases)
    return list(dict.fromkeys(models))


def _some(fold: Fold, n: int) -> Part:
    """The first n ratings of train, again from the start where there are fewer."""
    rows = np.arange(n) % len(fold.train)
    return Part(fold.train.user[rows], fold.train.item[rows], fold.train.level[rows])


def _rounds(predict: Callable[[Part], Prediction], part: Part, rounds: int) -> Spread:
    """Seconds a call, in each of the rounds; the first calls warm up and say how many calls a round needs."""
    predict(part)
    start = perf_counter()
    predict(part)
    calls = max(1, round(LEAST_ROUND / (perf_counter() - start)))
    seconds = []
    for _ in range(rounds):
        start = perf_counter()
        for _ in range(calls):
            predict(part)
        seconds.append((perf_counter() - start) / calls)
    return Spread(tuple(seconds))


def _fused(task: Task) -> Callable[[Part], Prediction]:
    from cfce.engines.fused_engine import FusedTraining

    return FusedTraining(task).predict


def _torch(task: Task) -> Callable[[Part], Prediction]:
    import torch

    from cfce.engines.network import build_network

    network = build_network(task).to(task.device).eval()
    scale = task.sizes.scale

    def predict(part: Part) -> Prediction:
        with torch.inference_mode():
            user, item = (torch.from_numpy(codes).to(task.device) for codes in (part.user, part.item))
            output = network(user, item).cpu().numpy()  # waits for the device
        return task.objective.predict(output, scale)

    return predict
