"""A verdict: what a study supports about two of its configurations on one score, with everything that is said beside it."""

from dataclasses import dataclass, replace
from typing import Literal

from bench.statistics import Estimate, Further, Posterior, Reachable, Robust
from cfce.metrics import METRICS

VERDICTS = ("better", "worse", "equivalent", "undecided")
Standing = Literal["", "primary", "exploratory"]

NOTHING = float("nan")


@dataclass(frozen=True)
class Side:
    """One configuration of a comparison."""

    configuration: str
    learning_rate: float
    """The rate that all its fits together choose."""
    chosen: tuple[tuple[float, int], ...]
    """How many fits each learning rate was chosen for, by the other fits; the most frequent first."""
    score: float
    """The mean of its fits in this comparison, each at its chosen rate."""
    raw_score: float = NOTHING
    """The score before the one parameter was fitted on valid, where the score is one of a distribution."""
    optimism: float = NOTHING
    """How much better it would look had all its fits chosen together."""
    edge: str = ""
    """``'lowest'`` or ``'highest'`` where the rate is at an end of its grid."""
    tailed: tuple[float, ...] = ()
    """Learning rates at which the scores have a heavy tail; NaN for what has none."""
    lost: int = 0
    """Trainings that gave no score: failed, diverged or unreadable."""
    total: int = 0
    """Trainings in all."""
    left_out: tuple[float, ...] = ()
    """Learning rates that were not chosen from, as they lost more trainings than others."""
    members: int = 0
    """Trainings that each of its seed ensembles is the mean of; 0 for single trainings."""

    @property
    def lost_share(self) -> float:
        """The share of its trainings that gave no score."""
        return self.lost / self.total if self.total else 0.0


@dataclass(frozen=True)
class Verdict:
    """What a study supports about configuration ``a`` against ``b`` on one score; ``difference`` is a's score minus b's."""

    metric: str
    a: str
    b: str
    difference: float
    low: float
    """Lower end of the 95 % interval; NaN where there is one unit."""
    high: float
    n: int
    """Units that the interval is made from: splits, or seeds where the study has one split."""
    p: float
    p_holm: float
    """p corrected for every pair and every score of the table, or of the primary comparisons."""
    verdict: str
    """Of a: one of ``VERDICTS``. The claim is about the splits, seeds and users that ``generalises_to`` names, of this data."""
    further_seeds: int | None
    """The median number of further splits, or seeds in one split, that would decide; None where it is decided or above 10,000."""
    sides: tuple[Side, Side]
    """Of a and of b."""
    estimate: Estimate
    """The difference with its interval and its sources of uncertainty."""
    text: str = ""
    """The verdict in words, never stronger than the test."""
    margin: float | None = None
    n_splits: int = 0
    n_pairs: int = 0
    p_ranks: float = NOTHING
    """Wilcoxon's signed ranks over the units."""
    part: str = "test"
    """The part that the claim is made on."""
    of_ensembles: bool = False
    """Whether seed ensembles are compared, one a split."""
    chosen_there: bool = False
    """Whether learning rates were chosen on that part too, so that the claim flatters."""
    generalises_to: str = ""
    """The populations that the claim is about."""
    withheld: tuple[str, ...] = ()
    """Why no verdict is given, whatever the numbers: codes of ``bench.statistics.withheld_for``, or ``'unequal ensembles'``."""
    caveats: tuple[str, ...] = ()
    """What weakens the verdict or its interval: codes of ``bench.statistics.caveats_of``, and ``'edge of grid'``."""
    of_choice: float = 0.0
    """The share of the variance of the mean that comes from other trainings choosing other learning rates."""
    further: Further | None = None
    """What would decide, as a range; None where it is decided or withheld."""
    posterior: Posterior | None = None
    """How probable it is that a's score is above b's by more than the margin, within it, or below; None where withheld."""
    interquartile: Robust | None = None
    """The difference of the interquartile means of the fits."""
    improvement: Robust | None = None
    """How probable it is that a training of a is better than one of b on the same split."""
    imputed: Estimate | None = None
    """The difference with each lost training scored as the constant prediction; None where none was lost."""
    reachable: Reachable | None = None
    """The margins that the users of the data allow."""
    other_data: Estimate | None = None
    """The difference as a claim about other data of the same size (Nadeau and Bengio); None where there is one split."""
    p_other_data_holm: float = NOTHING
    verdict_other_data: str = ""
    """The verdict for other data of the same size; empty where there is one split."""
    standing: Standing = ""
    """Whether the comparison was declared as primary; exploratory where another was; empty where none was."""

    @property
    def chances(self) -> tuple[float, float, float]:
        """The posterior probabilities that a is better, equivalent and worse; NaN where there is no interval."""
        if self.posterior is None:
            return NOTHING, NOTHING, NOTHING
        above, below = self.posterior.above, self.posterior.below
        return (above, self.posterior.within, below) if self._higher_is_better else (below, self.posterior.within, above)

    @property
    def leads(self) -> str:
        """What the mean scores alone say, whatever the verdict: ``'A is ahead'``; ``'they differ'``, by 0, where neither is."""
        if self.difference == 0:
            return "they differ"
        return f"{self.a if (self.difference > 0) == self._higher_is_better else self.b} is ahead"

    @property
    def learning_rate_a(self) -> float:
        """The rate that all fits of a together choose."""
        return self.sides[0].learning_rate

    @property
    def learning_rate_b(self) -> float:
        """The rate that all fits of b together choose."""
        return self.sides[1].learning_rate

    @property
    def score_a(self) -> float:
        """The mean score of a."""
        return self.sides[0].score

    @property
    def score_b(self) -> float:
        """The mean score of b."""
        return self.sides[1].score

    @property
    def effective_users(self) -> float:
        """As how many users with equally many ratings those of the evaluated ratings weigh."""
        return self.estimate.effective_users

    @property
    def p_overlap(self) -> float:
        """The p-value of no difference on other data of the same size; NaN where there is one split."""
        return NOTHING if self.other_data is None else self.other_data.p

    @property
    def _higher_is_better(self) -> bool:

        return METRICS[self.metric].higher_is_better


def turned(verdict: Verdict) -> Verdict:
    """The same verdict from the other side, but for its text."""
    other = {"better": "worse", "worse": "better"}
    posterior, improvement = verdict.posterior, verdict.improvement
    return replace(
        verdict,
        a=verdict.b,
        b=verdict.a,
        difference=-verdict.difference,
        low=-verdict.high,
        high=-verdict.low,
        verdict=other.get(verdict.verdict, verdict.verdict),
        verdict_other_data=other.get(verdict.verdict_other_data, verdict.verdict_other_data),
        sides=(verdict.sides[1], verdict.sides[0]),
        estimate=_negative(verdict.estimate),
        other_data=verdict.other_data and _negative(verdict.other_data),
        imputed=verdict.imputed and _negative(verdict.imputed),
        posterior=posterior and Posterior(posterior.below, posterior.within, posterior.above),
        interquartile=verdict.interquartile and _mirrored(verdict.interquartile, 0.0),
        improvement=improvement and _mirrored(improvement, 1.0),
    )


def _negative(found: Estimate) -> Estimate:
    return replace(found, difference=-found.difference, low=-found.high, high=-found.low)


def _mirrored(found: Robust, total: float) -> Robust:
    return Robust(total - found.value, total - found.high, total - found.low, found.n)
