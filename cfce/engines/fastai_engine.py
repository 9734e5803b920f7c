"""The reference engine: fastai's own loaders, ``Learner`` and ``fit_one_cycle``, as a reader of the book would write them."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from cfce.engines.learning_rate_range import LearningRateRange
from cfce.engines.task import Fitted, Task


def fit(task: Task, keep_step_losses: bool = False, *, stock_loaders: bool = False) -> Fitted:
    """Train any task on any device with fastai.

    ``stock_loaders`` takes fastai's loader as it is, for timing what a reader of the book waits for: its batches come from
    NumPy's global generator, with replacement, and not from the task's order.
    """
    with quiet_fastai():
        from cfce.engines.fastai_learner import fit as fit_learner

        return fit_learner(task, keep_step_losses, stock_loaders)


def find_learning_rate(task: Task) -> LearningRateRange:
    """Run fastai's ``lr_find`` on a task: 100 steps from 1e-7 to 10 or until the loss explodes, on a copy of the model.

    Source: Smith, Cyclical Learning Rates for Training Neural Networks (2017), section 3.3; ``valley`` is fastai's choice.
    """
    with quiet_fastai():
        from cfce.engines.fastai_learner import find_learning_rate as find

        return find(task)


@contextmanager
def quiet_fastai() -> Iterator[None]:
    """Silence the warnings that fastai is known to raise, and put back the pandas option that its import sets."""
    import pandas as pd

    option = "mode.chained_assignment"
    with warnings.catch_warnings():
        # fastai decorates functions with torch.jit.script, and sets an option that pandas 3 has deprecated
        warnings.filterwarnings("ignore", message=r".*torch\.jit\.script", category=DeprecationWarning)
        warnings.filterwarnings("ignore", message=rf".*{option}.* option is deprecated", category=Warning)
        # its loaders read views of pandas frames, which pandas 3 makes read-only; nothing writes to those tensors
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable", category=UserWarning)
        # its learning rate finder reads the weights back by way of a module that numpy has renamed
        warnings.filterwarnings("ignore", message=r"(?s).*numpy\.core is deprecated", category=DeprecationWarning)
        try:
            before = pd.get_option(option)
        except KeyError:  # pandas 4
            yield
            return
        try:
            yield
        finally:
            if pd.get_option(option) != before:
                pd.set_option(option, before)
