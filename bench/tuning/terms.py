"""The terms of a search: what is the same for every variant, so that the fight is fair."""

from dataclasses import asdict, dataclass
from typing import Any

from cfce.errors import UserError, unknown_name
from cfce.metrics import METRICS
from cfce.protocols import PROTOCOLS

SAMPLERS = {
    "tpe": "tree-structured Parzen estimator: later settings lie where earlier ones were good (Bergstra et al. 2011)",
    "random": "every setting drawn from the space, whatever came before",
}
IN_FLIGHT = 8
"""Settings of a variant under way at a time: each is drawn from the scores of all but the last seven before it."""
UNPRUNED = 5
"""Settings whose scores must be known before a median of them counts."""
NEVER_PRUNED = IN_FLIGHT - 1 + UNPRUNED
"""So many settings of a search are always trained on every split: with those under way no median is known yet."""


@dataclass(frozen=True)
class Terms:
    """What every variant of a tuning gets."""

    metric: str = "nll"
    budget: int = 60
    """Settings of each variant, the defaults included."""
    seconds: float | None = None
    """Seconds of training of a variant after which no further setting is begun; None for no limit."""
    splits: int = 5
    seeds: int = 3
    """Fresh seeds a split for the chosen setting."""
    sampler: str = "tpe"
    seed: int = 0
    """Where the settings are drawn from."""
    protocol: str = "random-80-10-10"

    def __post_init__(self) -> None:
        METRICS[self.metric]
        if self.sampler not in SAMPLERS:
            raise unknown_name("sampler", self.sampler, SAMPLERS)
        if self.budget < 2:
            raise UserError(f"--budget {self.budget} came; a budget is 2 settings or more, of which the first is the default")
        if self.seconds is not None and not self.seconds > 0:
            raise UserError(f"--seconds {self.seconds:g} came; it is a number of seconds above 0, such as 30")
        for name in ("splits", "seeds"):
            if getattr(self, name) < 1:
                raise UserError(f"--{name} {getattr(self, name)} came; it is a count, 1 or above")
        if self.seed < 0:
            raise UserError(f"--seed {self.seed} came; it is a whole number, 0 or above")
        if self.seeds >= FIRST_SEARCH_SEED:
            raise UserError(f"--seeds {self.seeds} came; allowed are fewer than {FIRST_SEARCH_SEED}")
        folds = PROTOCOLS[self.protocol].n_folds
        if folds is not None and self.splits > folds:
            raise UserError(f"--splits {self.splits} came, but the protocol '{self.protocol}' has {folds}; use --splits {folds}")

    @property
    def search(self) -> dict[str, Any]:
        """What makes two searches one search that grew."""
        return {name: value for name, value in asdict(self).items() if name not in ("budget", "seconds", "seeds")}

    def loss(self, score: float) -> float:
        """A score with the sign that makes lower better."""
        return -METRICS[self.metric].gain(score)


FIRST_SEARCH_SEED = 1_000
"""Seeds of a search are numbered from here, within a split, so that those of the chosen setting are new."""
