"""A verdict: what a study supports about two of its configurations on one score."""

from dataclasses import dataclass

VERDICTS = ("better", "worse", "equivalent", "undecided")


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
    """p corrected for every pair and every score of the table."""
    verdict: str
    """Of a: one of ``VERDICTS``."""
    further_seeds: int | None
    """Further splits and seeds that would probably decide; None where it is decided or no number would."""
    text: str = ""
    """One sentence, never stronger than the test."""
    margin: float | None = None
    learning_rate_a: float = float("nan")
    learning_rate_b: float = float("nan")
    score_a: float = float("nan")
    score_b: float = float("nan")
    n_splits: int = 0
    n_pairs: int = 0
    p_overlap: float = float("nan")
    """For other ratings: corrected for splits that share training ratings (Nadeau and Bengio)."""
    p_ranks: float = float("nan")
    """Wilcoxon's signed ranks."""
    reason: str = ""
    """Why nothing could be decided, where that is not a matter of width."""
    part: str = "test"
    """The part that the claim is made on."""
    of_ensembles: bool = False
    """Whether seed ensembles are compared, one a split."""
    chosen_there: bool = False
    """Whether learning rates were chosen on that part too, so that the claim flatters."""
    generalises_to: str = ""
    """The populations that the claim is about."""
    warning: str = ""
    """What weakens it, as a clause: lost trainings, few users."""
