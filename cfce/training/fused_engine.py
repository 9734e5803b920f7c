"""The fused engine: fastai's training of the built-in scorer as one compiled loop on the CPU, in one thread.

Nothing here imports torch, fastai or pandas, so that a process trains within two seconds of its start.
"""

from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfce.batches import epoch_order
from cfce.models.dot_product_bias import initial_weights
from cfce.predictions import Prediction
from cfce.seeds import stream
from cfce.splits import Part
from cfce.training.memory import peak_resident_mb
from cfce.training.smooth_loss import SmoothLoss
from cfce.training.task import Epoch, Fitted, Task


class FusedTraining:
    """A task's parameters and optimiser state, trained epoch by epoch."""

    def __init__(self, task: Task) -> None:
        from cfce.training import fused_kernel  # imports numba, and compiles where its cache is empty
        from cfce.training.compiled import compiled_output, compiled_step

        self.loops = fused_kernel
        self.task = task
        sizes, options = task.sizes, task.options
        kernel = task.objective.kernel(sizes.scale)
        assert kernel is not None  # fit() asked engines_for
        self.width = kernel.width
        self.step, self.output = compiled_step(kernel.step), compiled_output(kernel.output)
        low, high = sizes.scale.y_range
        self.model = (sizes.n_users, sizes.n_items, sizes.n_factors, sizes.scale.array, np.float32(low), np.float32(high))

        scorer = initial_weights(sizes, stream(task.seed, "weights"))
        head = task.objective.initial_head(sizes.scale, stream(task.seed, "head"))
        self.params = np.concatenate([array.ravel() for array in (scorer | head).values()])
        self.gradient, self.average, self.square = (np.zeros_like(self.params) for _ in range(3))
        n_rows = sizes.n_users + sizes.n_items
        self.bounds = np.cumsum([0, n_rows * sizes.n_factors, n_rows, *(array.size for array in head.values())])
        # fastai decays everything but what a module calls its bias; the scorer's biases are embeddings and decay
        self.decays = np.array([options.weight_decay] * 2 + [0.0 if _is_bias(name) else options.weight_decay for name in head])

        self.steps = task.steps
        self.rates, self.momenta = task.schedule()
        self.done = 0
        self._warm_up()

    def _warm_up(self) -> None:
        """Link the compiled code by training on nothing, so that no epoch's seconds hold it."""
        steps, self.steps = self.steps, 0
        self.epoch(np.empty(0, dtype=np.int32))
        self.steps = steps

    def epoch(self, order: NDArray[np.int32]) -> NDArray[np.float64]:
        """Train on the rows of one epoch; the loss of each step, (steps,)."""
        losses = np.empty(self.steps)
        self.loops.train_epoch(
            self.step, *_columns(self.task.fold.train), order, self.task.options.batch_size, *self.model,
            self.params, self.gradient, self.average, self.square, self.bounds, self.decays,
            self.rates, self.momenta, self.done, losses,
        )  # fmt: skip
        self.done += self.steps
        return losses

    def loss(self, part: Part) -> float:
        """The mean loss over a part."""
        return float(self.loops.mean_loss(self.step, *_columns(part), *self.model, self.params))

    def predict(self, part: Part) -> Prediction:
        """The prediction of a part's ratings."""
        out = np.empty((len(part), self.width), dtype=np.float32)
        self.loops.predict(self.output, part.user, part.item, *self.model, self.params, out)
        return self.task.objective.predict(out[:, 0] if self.width == 1 else out, self.task.sizes.scale)


def fit(task: Task, keep_step_losses: bool = False) -> Fitted:
    """Train a task of the built-in scorer; the same figures as the fastai engine's, within float32 rounding."""
    training = FusedTraining(task)
    fold, options = task.fold, task.options
    train, valid = fold.train, fold.valid
    rng = stream(task.order, "order")
    smooth = SmoothLoss()
    history: list[Epoch] = []
    step_losses: list[float] = []
    for _ in range(options.epochs):
        start = perf_counter()
        losses = training.epoch(epoch_order(len(train), options.sampler, rng))
        valid_loss = training.loss(valid)
        history.append(Epoch(smooth.update(losses), valid_loss, perf_counter() - start))
        if keep_step_losses:
            step_losses += losses.tolist()
    return Fitted(
        history=tuple(history),
        predictions={name: training.predict(fold.part(name)) for name in fold.held_out},
        fit_seconds=sum(epoch.seconds for epoch in history),
        peak_memory_mb=peak_resident_mb(),
        n_parameters=len(training.params),
        step_losses=tuple(step_losses),
    )


def _columns(part: Part) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[Any]]:
    return part.user, part.item, part.level


def _is_bias(name: str) -> bool:
    return name.rpartition(".")[2] == "bias"
