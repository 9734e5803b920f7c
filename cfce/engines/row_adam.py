"""fastai's Adam on the CPU for tables of which a batch meets a few rows. Importing this file imports torch and numba.

The rows that a batch does not meet move all the same, but their steps are deferred until they are met, or wanted; see
``cfce.engines.fused_kernel``, whose loops do the work here too.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from cfce.engines.denormals import CLEAN_EVERY
from cfce.engines.fused_kernel import (
    CHUNK,
    DEFERRED,
    add_rows,
    begin_chunk,
    chunk,
    clean,
    defer,
    settle_rows,
    step_rows,
    step_size,
)
from cfce.engines.fused_types import Moving


class RowAdam:
    """The optimiser of one table of S trials, (S, rows, width), which it steps in place."""

    def __init__(self, table: torch.Tensor, rates: NDArray[np.float64], momenta: NDArray[np.float64], decay: float) -> None:
        """``rates`` (S, steps) and ``momenta`` (steps,) are the whole schedule; ``decay`` is the weight decay."""
        n_trials, n_rows, width = table.shape
        params = table.detach().view(-1).numpy()
        self._gradient = np.zeros_like(params)
        self._moving = Moving(params, np.zeros_like(params), np.zeros_like(params))
        self._n_rows, self._width = np.uint64(n_rows), np.uint64(width)
        self._rates, self._momenta, self._decay = rates, momenta, decay
        self._every = np.arange(n_trials * n_rows)
        self._settled = np.zeros(n_trials * n_rows, dtype=np.int32)
        self._owed = np.empty((n_trials, CHUNK, DEFERRED))
        self._sizes = np.empty((n_trials, 5), dtype=np.float32)
        self._met: list[NDArray[np.int64]] = []
        self._done = 0
        self._begin()

    def meet(self, rows: torch.Tensor) -> None:
        """Bring rows up to date, by their numbers in the tables laid flat (n,); the next step is theirs too."""
        met = rows.contiguous().numpy()
        settle_rows(met, self._settled, self._now, self._n_rows, self._width, self._moving, self._owed)
        self._met.append(met)

    def add(self, rows: torch.Tensor, gradient: torch.Tensor) -> None:
        """Add to the gradient of rows that were met, (n,), what comes as (n, width) or more dimensions."""
        add_rows(rows.contiguous().numpy(), gradient.contiguous().view(-1).numpy(), self._width, self._gradient)

    def step(self) -> None:
        """Step with the gradients of the rows met since the last step, and put those back to 0."""
        momentum = self._momenta[self._done]
        for trial, rates in enumerate(self._rates):
            step_size(self._sizes, trial, rates[self._done], momentum, self._decay, self._done + 1)
            defer(self._owed, trial, rates[self._done], momentum, self._decay, self._done - self._now, self._now)
        for met in self._met:
            step_rows(met, self._settled, self._now, self._n_rows, self._width, self._moving, self._gradient, self._sizes)
        self._met.clear()
        self._done += 1
        self._now += 1
        if self._done % CLEAN_EVERY == 0:
            clean(self._moving)
        if self._now == self._n:
            self.settle()
            self._begin()

    def settle(self) -> None:
        """Bring every row up to date."""
        settle_rows(self._every, self._settled, self._now, self._n_rows, self._width, self._moving, self._owed)

    def _begin(self) -> None:
        """Begin a chunk of steps: all rows are up to date."""
        self._now, self._n = 0, chunk(self._done, len(self._momenta) - self._done)
        self._settled[:] = 0
        for trial in range(len(self._rates)):
            begin_chunk(self._owed, trial, self._done, self._n)
