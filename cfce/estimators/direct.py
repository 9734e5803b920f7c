"""Estimators that are fitted at once, without epochs: baselines and anything that needs no engine."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import ClassVar

from cfce.engines.memory import peak_resident_mb
from cfce.engines.task import Fitted
from cfce.estimators.estimator import Estimator, Task
from cfce.predictions import Prediction
from cfce.splits import Fold, Part

Predictor = Callable[[Part], Prediction]
"""Gives the prediction of a part's n ratings from its user and item codes (n,)."""


@dataclass(frozen=True)
class DirectEstimator(Estimator):
    """An estimator that says how it is fitted to a fold in one function; the time of that function is the fit's."""

    uses_seed: ClassVar[bool] = False

    @abstractmethod
    def learn(self, fold: Fold) -> tuple[Predictor, int]:
        """Fit to the fold's train: the function that predicts a part, and the number of fitted parameters."""

    def fit(self, task: Task) -> Fitted:
        """Fit, and predict the held-out parts; the history is empty, as there are no epochs."""
        start = perf_counter()
        predict, n_parameters = self.learn(task.fold)
        seconds = perf_counter() - start
        return Fitted(
            history=(),
            predictions={part: predict(task.fold.part(part)) for part in task.fold.held_out},
            fit_seconds=seconds,
            peak_memory_mb=peak_resident_mb(),
            n_parameters=n_parameters,
        )
