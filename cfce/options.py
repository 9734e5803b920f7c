"""How a trial is trained: the options, checked when made."""

import math
from dataclasses import dataclass

from cfce.errors import UserError, unknown_name

SAMPLERS = {
    "permutation": "each training rating once an epoch, in a new random order",
    "bootstrap": "as many draws with replacement as there are ratings: fastai's stock tabular loader since 2.7.15",
}

OPTIMIZERS = {
    "adam": "fastai's Adam with decoupled weight decay, one step a batch, one-cycle schedule",
    "sgd": "gradient descent, one step a rating, with L2 regularisation and a rate that falls each epoch; engine fused alone",
}


@dataclass(frozen=True)
class TrainingOptions:
    """The options of one training; the defaults are those of chapter 8 of the fastai book."""

    learning_rate: float = 5e-3
    """Peak of the one-cycle schedule; with sgd, the rate of the first epoch."""
    epochs: int = 5
    """Passes over the training ratings."""
    batch_size: int = 64
    """Ratings a step; a last partial batch is dropped, as fastai does."""
    weight_decay: float = 0.1
    """Decoupled decay: a step multiplies each decaying weight by 1 - learning rate x decay."""
    n_factors: int = 50
    """Length of a user's or an item's vector of latent factors."""
    sampler: str = "permutation"
    """How an epoch draws its ratings: a key of ``SAMPLERS``."""

    optimizer: str = "adam"
    """How weights are moved: a key of ``OPTIMIZERS``."""
    regularization: float = 0.02
    """L2, with sgd: a step multiplies each weight that a rating meets by 1 - learning rate x regularization."""
    rate_decay: float = 1.0
    """With sgd: the learning rate of an epoch over that of the epoch before."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            raise UserError(
                f"learning rate {self.learning_rate:g} came; a learning rate is a finite number above 0, such as 5e-3"
            )
        if not (math.isfinite(self.weight_decay) and self.weight_decay >= 0):
            raise UserError(
                f"weight decay {self.weight_decay:g} came; a weight decay is a finite number, 0 or above, such as 0.1"
            )
        for name in ("epochs", "batch_size", "n_factors"):
            if getattr(self, name) < 1:
                raise UserError(f"{name.replace('_', ' ')} {getattr(self, name)} came; it is a whole number, 1 or above")
        if self.sampler not in SAMPLERS:
            raise unknown_name("sampler", self.sampler, SAMPLERS)
        if self.optimizer not in OPTIMIZERS:
            raise unknown_name("optimizer", self.optimizer, OPTIMIZERS)
        if not (math.isfinite(self.regularization) and self.regularization >= 0):
            raise UserError(
                f"regularization {self.regularization:g} came; a regularization is a finite number, 0 or above, such as 0.02"
            )
        if not 0 < self.rate_decay <= 1:
            raise UserError(f"rate decay {self.rate_decay:g} came; a rate decay is above 0 and at most 1, such as 0.95")
