"""The options of the Gibbs sampler, checked when made."""

from dataclasses import dataclass

from cfce.errors import UserError, unknown_name

LIKELIHOODS = {
    "ordinal": "ordered probit: the level whose interval between two cut points holds a normal latent value",
    "gaussian": "the rating itself is normal; a level's probability is that of the interval around it",
}
"""Name to what it assumes of a rating given its score."""

_LEAST = {"n_factors": 1, "iterations": 1, "burn_in": 0, "implicit_rank": 0, "chains": 1, "threads": 1}


@dataclass(frozen=True)
class BayesOptions:
    """The options of ``bayes-ordinal`` and ``bayes-gaussian``."""

    likelihood: str = "ordinal"
    """What a rating is given its score: a key of ``LIKELIHOODS``."""
    n_factors: int = 15
    """Length of a user's or an item's vector of latent factors, beside the bias."""
    iterations: int = 300
    """Sweeps over all unknowns of the model, burn-in included."""
    burn_in: int = 60
    """First sweeps, which adapt the steps and are left out of the predictions."""
    implicit_rank: int = 50
    """Directions of the matrix of who rated what in train that the prior means of rows lie in; 0: none."""
    implicit_features: bool = True
    """Prior means also follow the vectors of what a row rated, or was rated by, as burn-in finds them; needs implicit rank."""
    user_thresholds: bool = True
    """Cut points for each user; under the Gaussian likelihood, which has none, a noise scale for each user."""
    item_scales: bool = True
    """A noise scale for each item."""
    repeats: bool = True
    """Ratings of one pair of user and item are alike beyond their score: what train holds of a pair tells of it again."""
    time: bool = False
    """A mood of the user that lasts minutes, from timestamps, which must be known of what is predicted; off is ids alone."""
    chains: int = 1
    """Independent chains, whose probabilities are averaged; two and more tell R-hat."""
    threads: int = 1
    """Threads that share the rows; the result is the same for any number."""

    def __post_init__(self) -> None:
        if self.likelihood not in LIKELIHOODS:
            raise unknown_name("likelihood", self.likelihood, LIKELIHOODS)
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise UserError(f"{name.replace('_', ' ')} {value} came; it is a whole number, {least} or above")
        if self.iterations <= self.burn_in:
            raise UserError(
                f"{self.iterations} iterations came with a burn-in of {self.burn_in}; "
                f"predictions are averaged after the burn-in, so give more iterations than that"
            )
