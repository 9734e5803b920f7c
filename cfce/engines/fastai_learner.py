"""A task as fastai loaders and a fastai ``Learner``. Importing this file imports fastai: go through ``fastai_engine``."""

import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
import torch
from fastai.callback.core import Callback
from fastai.callback.schedule import valley
from fastai.collab import TabularCollab
from fastai.data.block import TransformBlock
from fastai.data.core import DataLoaders
from fastai.learner import Learner
from fastai.tabular.core import TabDataLoader, TabWeightedDL
from torch import nn

from cfce.batches import epoch_order, n_batches
from cfce.engines.learning_rate_range import LearningRateRange
from cfce.engines.memory import peak_resident_mb
from cfce.engines.network import Network, build_network
from cfce.engines.task import Epoch, Fitted, Task
from cfce.predictions import Prediction
from cfce.seeds import stream
from cfce.splits import Part

PREDICTION_BATCH = 100_000
"""Ratings that are predicted at once."""


class OrderedTabDataLoader(TabDataLoader):  # type: ignore[misc]
    """fastai's tabular loader with the task's order: the same batches as in every other engine."""

    sampler: str
    order: np.random.Generator

    def get_idxs(self) -> list[int]:
        """The row numbers of the next epoch; a new draw each time."""
        if not self.shuffle:
            return list(range(self.n))
        rows: list[int] = epoch_order(self.n, self.sampler, self.order).tolist()
        return rows


class TwoColumns(nn.Module):
    """The network as fastai calls it: a tensor with the columns user and item, (B, 2), to outputs."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """User and item codes to outputs."""
        output: torch.Tensor = self.network(x[:, 0], x[:, 1])
        return output


class Clock(Callback):  # type: ignore[misc]
    """Seconds of each epoch, training and validation, and the loss of every step where asked."""

    def __init__(self, keep_step_losses: bool) -> None:
        self.keep = keep_step_losses
        self.seconds: list[float] = []
        self.losses: list[torch.Tensor] = []

    def before_epoch(self) -> None:
        """Start the clock when the device has nothing left to do."""
        self._wait()
        self.start = perf_counter()

    def after_batch(self) -> None:
        """Keep the loss on its device: reading it would wait for the device."""
        if self.keep and self.training:
            self.losses.append(self.learn.loss.detach())

    def after_epoch(self) -> None:
        """Stop the clock."""
        self._wait()
        self.seconds.append(perf_counter() - self.start)

    def _wait(self) -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()


def build_loaders(task: Task, stock: bool = False) -> DataLoaders:
    """The ``DataLoaders`` over train and valid; the codes are the fold's, so fastai need not categorify."""
    train, valid = task.fold.train, task.fold.valid
    frame = pd.concat([_frame(train), _frame(valid)], ignore_index=True)
    splits = list(range(len(train))), list(range(len(train), len(frame)))
    table = TabularCollab(
        frame, [], ["user", "item"], y_names=["level"], y_block=TransformBlock(), splits=splits, reduce_memory=False
    )
    n_batches(len(train), task.options.batch_size)  # refuse a batch that is larger than train
    device = torch.device(task.device)
    kind = TabWeightedDL if stock else OrderedTabDataLoader
    loaders = table.dataloaders(bs=task.options.batch_size, dl_type=kind, device=device)
    if not stock:
        loaders.train.sampler, loaders.train.order = task.options.sampler, stream(task.order, "order")
    return loaders


def build_learner(task: Task, stock: bool = False) -> Learner:
    """A fastai ``Learner`` of the task: its network, its objective's loss, fastai's Adam."""
    scale, objective = task.sizes.scale, task.objective

    def loss_func(output: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        return objective.torch_loss(output, level.view(-1), scale)

    model = TwoColumns(build_network(task)).to(task.device)
    return Learner(build_loaders(task, stock), model, loss_func=loss_func)


def fit(task: Task, keep_step_losses: bool, stock: bool) -> Fitted:
    """Train as the book does."""
    learner = build_learner(task, stock)
    on_cuda = task.device.startswith("cuda")
    if on_cuda:
        torch.cuda.reset_peak_memory_stats()
    clock = Clock(keep_step_losses)
    options = task.options
    with learner.no_bar(), learner.no_logging():
        learner.fit_one_cycle(options.epochs, options.learning_rate, wd=options.weight_decay, cbs=[clock])
    history = tuple(
        Epoch(float(train_loss), float(valid_loss), seconds)
        for (train_loss, valid_loss), seconds in zip(learner.recorder.values, clock.seconds, strict=True)
    )
    return Fitted(
        history=history,
        predictions={name: _predict(task, learner.model, task.fold.part(name)) for name in task.fold.held_out},
        fit_seconds=sum(clock.seconds),
        peak_memory_mb=torch.cuda.max_memory_allocated() / 1e6 if on_cuda else peak_resident_mb(),
        n_parameters=sum(parameter.numel() for parameter in learner.model.parameters()),
        step_losses=tuple(torch.stack(clock.losses).tolist()) if clock.losses else (),
    )


def find_learning_rate(task: Task) -> LearningRateRange:
    """The learning rates and losses of ``lr_find``, without its plot."""
    learner = build_learner(task)
    learner.wd = task.options.weight_decay
    # fastai keeps the first weights in a file meanwhile: not in a folder 'models' where the user happens to be
    with tempfile.TemporaryDirectory() as folder, learner.no_bar(), learner.no_logging():
        learner.path = Path(folder)
        suggestion: Any = learner.lr_find(suggest_funcs=(valley_if_any,), show_plot=False)
    rates, losses = np.array(learner.recorder.lrs), np.array([float(loss) for loss in learner.recorder.losses])
    return LearningRateRange(rates, losses, float(suggestion.valley_if_any))


def valley_if_any(rates: torch.Tensor, losses: torch.Tensor, steps: int) -> Any:
    """The ``valley`` of fastai; NaN where no step has a finite loss, of which it makes an ``IndexError``."""
    return valley(rates, losses, steps) if len(losses) else (float("nan"), (float("nan"), float("nan")))


def _frame(part: Part) -> pd.DataFrame:
    return pd.DataFrame({"user": part.user, "item": part.item, "level": part.level.astype(np.int64)})


@torch.no_grad()
def _predict(task: Task, model: nn.Module, part: Part) -> Prediction:
    model.eval()
    codes = torch.from_numpy(np.stack([part.user, part.item], axis=1).astype(np.int64))
    outputs = [model(rows.to(task.device)).cpu() for rows in torch.split(codes, PREDICTION_BATCH)]
    return task.objective.predict(torch.cat(outputs).numpy(), task.sizes.scale)
