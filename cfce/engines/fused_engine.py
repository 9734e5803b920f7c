"""The fused engine: fastai's training of the dot products as one compiled loop on the CPU, in one thread.

Nothing here imports torch, fastai or pandas, so that a process trains within two seconds of its start.
"""

from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfce.batches import epoch_order
from cfce.engines.fused_feedback import flat, implicit_feedback, named_parts
from cfce.engines.fused_layout import layout_of, pack, unpack
from cfce.engines.memory import peak_resident_mb
from cfce.engines.smooth_loss import SmoothLoss
from cfce.engines.task import Epoch, Fitted, Task
from cfce.errors import UserError
from cfce.models.dot_product_weights import initial_weights
from cfce.predictions import Prediction
from cfce.seeds import stream
from cfce.splits import Part


class FusedTraining:
    """A task's parameters and optimiser state, trained epoch by epoch."""

    def __init__(self, task: Task) -> None:
        from cfce.engines import fused_kernel, fused_types, sgd_kernel
        from cfce.engines.compiled import compiled_output, compiled_step

        self.loops, self.types, self.sgd = fused_kernel, fused_types, sgd_kernel
        self.task = task
        kernel = task.objective.kernel(task.sizes.scale)
        assert kernel is not None  # fit() asked engines_for
        self.width, self.squared = kernel.width, kernel.squared
        self.step, self.output = compiled_step(kernel.step), compiled_output(kernel.output)
        low, high = task.sizes.scale.y_range if kernel.ranged else (0, 0)
        scratch = np.empty(kernel.scratch, dtype=np.float32)
        self.target = fused_types.Target(_read_only(kernel.constants), scratch, np.float32(low), np.float32(high))

        self.implicit = implicit_feedback(task)
        self.layout = layout_of(task.sizes, self.implicit.rank)
        self.rows = self._moving(pack(task.sizes, initial_weights(task.sizes, stream(task.seed, "weights"))))
        features, directions = flat(self.implicit.features), flat(self.implicit.first)
        self.feedback = fused_types.Feedback(_read_only(features), self._moving(directions))
        self.moved: NDArray[np.float32] | None = None
        self.first_head = task.objective.initial_head(task.sizes.scale, stream(task.seed, "head"))
        self.head = self._moving(flat(self.first_head))
        # fastai decays everything but what a module calls its bias; the scorer's biases are embeddings and decay
        self.head_sizes = np.repeat(
            [int(_is_bias(name)) for name in self.first_head], [array.size for array in self.first_head.values()]
        ).astype(np.int64)

        self.packed = np.empty(0, dtype=np.uint64)
        self.steps = task.steps
        self.rates, self.momenta = task.schedule()
        self.done = 0
        self._warm_up()

    def _moving(self, weights: NDArray[np.float32]) -> Any:
        return self.types.Moving(weights, np.zeros_like(weights), np.zeros_like(weights))

    def _warm_up(self) -> None:
        """Link the compiled code by training on nothing, so that no epoch's seconds hold it."""
        steps, self.steps = self.steps, 0
        self.epoch(np.empty(0, dtype=np.int32))
        self.steps = steps

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """The weights by name, those of the scorer and then those of the head."""
        directions = named_parts(self.feedback.moving.weights, self.implicit.first)
        return unpack(self.task.sizes, self.rows.weights) | directions | named_parts(self.head.weights, self.first_head)

    def epoch(self, order: NDArray[np.int32]) -> NDArray[np.float64]:
        """Train on the rows of one epoch; the loss of each step, (steps,)."""
        self.moved = None
        losses, options = np.empty(self.steps), self.task.options
        schedule = self.types.Schedule(self.rates, self.momenta, options.weight_decay, self.done)
        self.loops.train_epoch(
            self.step, self._columns(self.task.fold.train), order, options.batch_size, self.layout, self.target,
            self.rows, self.feedback, self.head, self.head_sizes, schedule, losses,
        )  # fmt: skip
        self.done += self.steps
        return losses

    def sgd_epoch(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Train on every rating by itself, in a new order; the mean loss of each batch as it went, (steps,)."""
        losses, options = np.empty(self.steps), self.task.options
        item_bits = np.uint64(int(self.layout.n_items).bit_length())
        if not len(self.packed):
            self.packed = self._packed(item_bits)
        ratings = self.packed
        if options.sampler == "permutation":
            self.sgd.shuffle(ratings, rng.integers(2**64, dtype=np.uint64))
        else:
            ratings = np.empty_like(self.packed)
            self.sgd.take(self.packed, _read_only(epoch_order(len(ratings), options.sampler, rng)), ratings)
        rate = options.learning_rate * options.rate_decay ** (self.done // self.steps)
        given = (ratings, item_bits, options.batch_size, self.layout, self.target, self.rows.weights)
        how = (rate, options.regularization, losses)
        if self.squared:
            self.sgd.squared_epoch(*given, *how)
        else:
            self.sgd.sgd_epoch(self.step, *given, self.head.weights, *how)
        self.done += self.steps
        return losses

    def _packed(self, item_bits: np.uint64) -> NDArray[np.uint64]:
        """The ratings of train in one number each, (n,)."""
        if int(self.layout.n_users).bit_length() + int(item_bits) > 56:
            raise UserError(
                f"{self.layout.n_users} users and {self.layout.n_items} items came; the optimizer 'sgd' takes as many as have "
                f"codes of 56 bits together: choose the optimizer 'adam'"
            )
        packed = np.empty(len(self.task.fold.train), dtype=np.uint64)
        self.sgd.pack_ratings(self._columns(self.task.fold.train), item_bits, packed)
        return packed

    def loss(self, part: Part) -> float:
        """The mean loss over a part."""
        weights = self._scored(), self.head.weights
        return float(self.loops.mean_loss(self.step, self._columns(part), self.layout, self.target, *weights))

    def predict(self, part: Part) -> Prediction:
        """The prediction of a part's ratings."""
        out = np.empty((len(part), self.width), dtype=np.float32)
        weights = self._scored(), self.head.weights
        self.loops.predict(self.output, self._columns(part), self.layout, self.target, *weights, out)
        return self.task.objective.predict(out[:, 0] if self.width == 1 else out, self.task.sizes.scale)

    def _scored(self) -> NDArray[np.float32]:
        """The rows as they are scored, with what implicit feedback adds: made once after an epoch."""
        if self.moved is None:
            self.moved = self.implicit.move(self.layout, self.rows.weights, self.feedback.moving.weights)
        return self.moved

    def _columns(self, part: Part) -> Any:
        return self.types.Columns(_read_only(part.user), _read_only(part.item), _read_only(part.level))


def fit(task: Task, keep_step_losses: bool = False) -> Fitted:
    """Train a task of a dot product; the same figures as the fastai engine's, within float32 rounding."""
    training = FusedTraining(task)
    fold, options = task.fold, task.options
    train, valid = fold.train, fold.valid
    rng = stream(task.order, "order")
    smooth = SmoothLoss()
    history: list[Epoch] = []
    step_losses: list[float] = []
    for _ in range(options.epochs):
        start = perf_counter()
        if options.optimizer == "sgd":
            losses = training.sgd_epoch(rng)
        else:
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
        n_parameters=sum(array.size for array in training.weights().values()),
        step_losses=tuple(step_losses),
    )


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    """A view that may not be written, as the compiled loops expect of what they only read."""
    view = array.view()
    view.flags.writeable = False
    return view


def _is_bias(name: str) -> bool:
    return name.rpartition(".")[2] == "bias"
