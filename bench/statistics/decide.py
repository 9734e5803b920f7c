"""From an estimate to a verdict, to what withholds one, and to what weakens it."""

from collections.abc import Iterable, Sequence
from typing import Literal

from bench.statistics.estimate import Estimate
from bench.statistics.survivors import MOST_LOST
from bench.statistics.tail import FEW_SEEDS, Tail

LEVEL = 0.05
FEWEST_USERS = 10
"""Effective users below which no verdict is given: Student's t of so few, unequal users is no t."""
FEW_USERS = 30

Verdict = Literal["better", "worse", "equivalent", "undecided"]
Reason = Literal["one unit", "one shared seed", "few users", "lost trainings"]
Caveat = Literal["few users", "few seeds", "heavy tail", "lost trainings"]


def withheld_for(found: Estimate, lost: Sequence[float] = ()) -> tuple[Reason, ...]:
    """Why no verdict is given, whatever the numbers; empty where one may be.

    ``lost`` is the share of lost trainings of each side.

    - One unit shows no spread.
    - One seed that splits share, with no other beside it, says nothing of other seeds, and a verdict would be read as if it did.
    - Fewer than ten effective users are too few to speak of users.
    - Survivors of more than 5 % lost trainings may be the lucky ones.
    """
    reasons: list[Reason] = []
    if found.n < 2:
        reasons.append("one unit")
    if found.n_shared_seeds > 0 and "seeds" not in found.generalises_to:
        reasons.append("one shared seed")
    if found.effective_users < FEWEST_USERS:
        reasons.append("few users")
    if any(share > MOST_LOST for share in lost):
        reasons.append("lost trainings")
    return tuple(reasons)


def caveats_of(
    found: Estimate, tails: Iterable[Tail] = (), lost: Sequence[float] = (), seeded: bool = True
) -> tuple[Caveat, ...]:
    """What weakens a verdict or an interval, to be said with it.

    ``tails`` are those of both sides, at the options that may be chosen; ``seeded`` says whether a side has seeds at all.
    """
    said: list[Caveat] = []
    if FEWEST_USERS <= found.effective_users < FEW_USERS:
        said.append("few users")
    if any(tail.heavy for tail in tails):
        said.append("heavy tail")
    if seeded and found.n_seeds < FEW_SEEDS:
        said.append("few seeds")
    if any(share > 0 for share in lost):
        said.append("lost trainings")
    return tuple(said)


def decide(
    found: Estimate, p: float, p_outside: float, margin: float | None, higher_is_better: bool = False, withheld: bool = False
) -> Verdict:
    """The verdict that an estimate and its corrected p-values allow.

    ``equivalent`` where the whole interval lies within the margin and the test of a difference outside it rejects; else
    ``better`` or ``worse`` where the test of no difference rejects; else ``undecided``.
    """
    if withheld or found.n < 2:
        return "undecided"
    if margin is not None and max(abs(found.low), abs(found.high)) < margin and p_outside <= LEVEL:
        return "equivalent"
    if p <= LEVEL:
        return "better" if (found.difference > 0) is higher_is_better else "worse"
    return "undecided"
