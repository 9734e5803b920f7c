"""What a metric is: a score of predictions, with all that tables and verdicts need to know of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfce.errors import UserError
from cfce.predictions import Prediction
from cfce.registry import Registry
from cfce.scale import RatingScale

Levels = NDArray[np.uint8]
Losses = NDArray[Any]
Users = NDArray[np.integer]


def _itself(mean_loss: NDArray[np.float64], scale: RatingScale) -> NDArray[np.float64]:
    return mean_loss


@dataclass(frozen=True)
class Metric:
    """One score; a new one is one file and one registration, and appears in every table.

    A score is a function of the mean of a loss over ratings (``loss`` and ``score``), so that users can be resampled; or a
    summary of all ratings at once (``summary``), such as a kappa; or one of each user's ratings among themselves (``ranking``),
    such as a share of pairs that are ranked right. The last two have a column and no verdicts. One of the three is given.
    """

    name: str
    """Of its columns, after ``valid_`` or ``test_``."""
    label: str
    """How tables and sentences call it."""
    loss: Callable[[Prediction, Levels], Losses] | None = None
    """(prediction, observed levels (n,)) to the loss of each rating, (n,); NaN throughout where the prediction has none."""
    score: Callable[[NDArray[np.float64], RatingScale], NDArray[np.float64]] = _itself
    """(mean losses of any shape, scale) to the scores."""
    summary: Callable[[Prediction, Levels], float] | None = None
    ranking: Callable[[Prediction, Levels, Users], float] | None = None
    """(prediction, observed levels (n,), the number of each rating's user (n,)) to the score; NaN where no user has one."""
    higher_is_better: bool = False
    margin: float | Callable[[RatingScale], float] | None = None
    """Half the width of the region of practical equivalence, or a function that gives it on a scale; None for none."""
    in_verdicts: bool = False
    """Whether the table of verdicts has it."""
    on_board: bool = False
    """Whether the leaderboard has it."""
    calibrated: bool = False
    """Whether it judges distributions after one parameter was fitted on valid: a temperature, as points get a sigma."""
    description: str = ""
    """One line for 'bench list'."""

    def __post_init__(self) -> None:
        if sum(one is not None for one in (self.loss, self.summary, self.ranking)) != 1:
            raise UserError(f"metric '{self.name}' has not one of a loss, a summary and a ranking; give exactly one of them")
        if self.in_verdicts and self.loss is None:
            what = "summary" if self.summary is not None else "ranking"
            raise UserError(f"metric '{self.name}' is a {what}, of which there are no verdicts; give a loss of each rating")

    def of(self, prediction: Prediction, level: Levels, users: Users | None = None) -> float:
        """The score of a prediction of n ratings with these levels; NaN where it has none, or a ranking is not told the users."""
        if self.summary is not None:
            return self.summary(prediction, level)
        if self.ranking is not None:
            return float("nan") if users is None else self.ranking(prediction, level, users)
        assert self.loss is not None
        losses = self.loss(prediction, level)
        return float(self.score(losses.mean() if losses.size else np.float64("nan"), prediction.scale))  # type: ignore[arg-type]

    @property
    def loss_name(self) -> str:
        """What its losses are kept under; metrics that share a loss share its sums."""
        if self.loss is None:
            return ""
        return f"{self.loss.__module__}.{self.loss.__qualname__}{' calibrated' if self.calibrated else ''}"

    def margin_on(self, scale: RatingScale) -> float | None:
        """Half the width of the region of practical equivalence on a scale, in units of the score."""
        return self.margin(scale) if callable(self.margin) else self.margin

    def gain(self, difference: float) -> float:
        """A difference of two scores with the sign that makes above 0 better."""
        return difference if self.higher_is_better else -difference


METRICS: Registry[Metric] = Registry("metric")
"""Every metric by its name."""


def register_metric(metric: Metric) -> Metric:
    """Put a metric under its name; a name that is taken raises ``UserError``."""
    return METRICS.register(metric.name, metric)
