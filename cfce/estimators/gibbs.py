"""The estimators ``bayes-ordinal`` and ``bayes-gaussian``: Bayesian matrix factorisation by Gibbs sampling."""

from dataclasses import dataclass, field, fields
from importlib import import_module
from typing import ClassVar

from cfce.engines.task import Fitted
from cfce.errors import UserError
from cfce.estimators.bayes.options import BayesOptions
from cfce.estimators.estimator import Estimator, Task
from cfce.predictions import Prediction
from cfce.ratings import UNKNOWN
from cfce.search import Range, searched
from cfce.seeds import stream
from cfce.splits import Fold


@dataclass(frozen=True)
class BayesOrdinal(Estimator):
    """Ordered probit with biases, thresholds for each user, noise scales for each item and priors from implicit feedback."""

    family: ClassVar[str] = "ordinal"
    label: ClassVar[str] = "gibbs"
    libraries: ClassVar[tuple[str, ...]] = ("numba", "numpy", "scipy")
    likelihood: ClassVar[str] = "ordinal"

    n_factors: int = field(default=15, metadata=searched(Range(4, 32, log=True)))
    """Length of a user's or an item's vector of latent factors, beside the bias."""
    iterations: int = 300
    """Sweeps over all unknowns of the model, burn-in included."""
    burn_in: int = 60
    """First sweeps, which adapt the steps and are left out of the predictions."""
    implicit_rank: int = field(default=50, metadata=searched(Range(0, 100)))
    """Directions of the matrix of who rated what in train that the prior means of rows lie in; 0: none."""
    implicit_features: bool = True
    """Prior means also follow the vectors of what a row rated, or was rated by, as 3 sweeps of burn-in find them; needs rank."""
    user_thresholds: bool = True
    """Cut points for each user; under the Gaussian likelihood, which has none, a noise scale for each user."""
    item_scales: bool = True
    """A noise scale for each item."""
    repeats: bool = True
    """Ratings of one pair of user and item are alike beyond their score: what train holds of a pair tells of it again."""
    time: bool = False
    """A mood of the user that lasts minutes, from timestamps, which must be known of what is predicted; off is ids alone."""
    chains: int = 1
    """Independent chains, whose probabilities are averaged; two or more tell R-hat, in the study's logs."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._options()

    def _options(self) -> BayesOptions:
        """The sampler's options, which check each other when made."""
        named = {one.name: getattr(self, one.name) for one in fields(self)}
        return BayesOptions(likelihood=self.likelihood, **named)

    def check(self, fold: Fold) -> None:
        """Moods need timestamps, and users that train has."""
        if not self.time:
            return
        if fold.ratings.timestamp is None:
            raise UserError(
                f"the option time=true came, but '{fold.ratings.name}' has no timestamps; leave it out, or name their column"
            )
        if not any((fold.part(part).user != UNKNOWN).any() for part in fold.held_out):
            raise UserError(
                f"the option time=true came with the protocol '{fold.protocol}', whose held-out users are not in train; "
                f"a user without ratings has no mood: leave it out"
            )

    def load(self, engine: str) -> None:
        """Compile the sampler, or read it from numba's cache."""
        import_module("cfce.estimators.bayes.fit")

    def fit(self, task: Task) -> Fitted:
        """Sample, and predict the held-out parts by the mean of the probabilities after burn-in."""
        from cfce.estimators.bayes.fit import fit_bayes

        found = fit_bayes(task.fold, self._options(), stream(task.seed, "gibbs"))
        return Fitted(
            history=(),
            predictions={part: Prediction(task.fold.scale, probabilities=mass) for part, mass in found.probabilities.items()},
            fit_seconds=found.seconds,
            peak_memory_mb=found.peak_memory_mb,
            n_parameters=found.n_parameters,
            printed=self._convergence(found.r_hat),
        )

    def _convergence(self, r_hat: float) -> str:
        """What several chains say of convergence, in a line."""
        if self.chains == 1:
            return ""
        told = f"R-hat of the log-likelihood of train over {self.chains} chains after burn-in: {r_hat:.4f}"
        return f"{told}; near 1 where the chains agree, and above 1.01 more iterations are worth their time\n"


@dataclass(frozen=True)
class BayesGaussian(BayesOrdinal):
    """The same structure with normal ratings: a level's probability is that of the interval around it."""

    family: ClassVar[str] = "regression"
    likelihood: ClassVar[str] = "gaussian"
