"""What holds for many verdicts of a table and is said once: few seeds, margins out of reach, what was declared."""

from collections.abc import Sequence

import numpy as np

from bench.comparison.declared import Declared
from bench.comparison.verdict import Verdict
from bench.statistics import missed_share
from bench.statistics.decide import FEWEST_USERS
from bench.statistics.tail import FEW_SEEDS
from cfce.metrics import METRICS
from cfce.text import counted


def notes_of(verdicts: Sequence[Verdict], declared: Declared | None = None) -> tuple[str, ...]:
    """The notes of a table of verdicts, each a sentence or two."""
    return (*declarations(declared or Declared()), *few_seeds(verdicts), *unreachable(verdicts))


def declarations(declared: Declared) -> list[str]:
    """What was declared, when, and what of it the table does not have."""
    notes = []
    if declared.primary:
        named = " and ".join(f"{one.a} against {one.b} in {METRICS[one.metric].label}" for one in declared.primary)
        several = len(declared.primary) > 1
        notes.append(
            f"{'Primary comparisons' if several else 'The primary comparison'}: {named}, corrected "
            f"{'among themselves' if several else 'alone'}. All others are exploratory: what they find is to be confirmed."
        )
    if declared.late:
        named = " and ".join(map(str, declared.late))
        notes.append(f"{named} was declared after the first plan of this study, so perhaps after its trainings were seen.")
    if declared.reference is not None:
        notes.append(f"Everything is compared with {declared.reference} alone, so fewer comparisons are corrected for.")
    return [*notes, *(f"{one[0].upper()}{one[1:]}." for one in (*declared.unknown_primary, *declared.unknown_reference))]


def too_few_users(verdicts: Sequence[Verdict]) -> str:
    """Why none of some verdicts is given, where the users of every one are too few; else empty."""
    if not verdicts or not all("few users" in one.withheld for one in verdicts):
        return ""
    first = max(verdicts, key=lambda one: one.effective_users)
    users = counted(int(first.effective_users), "user")
    return f"No verdict is given: the {first.part} ratings weigh as those of {users}, and a verdict needs {FEWEST_USERS} or more."


def has_few_seeds(verdicts: Sequence[Verdict]) -> bool:
    """Whether more seeds would show what so few may have missed."""
    return bool(few_seeds(verdicts))


def few_seeds(verdicts: Sequence[Verdict]) -> list[str]:
    """What so few seeds may have missed."""
    counts = [one.estimate.n_seeds for one in verdicts if "few seeds" in one.caveats]
    counts = [n for n in counts if n > 1]
    if not counts:
        return []
    n = min(counts)
    return [
        f"{n} seeds can all miss a failure of up to {100 * missed_share(n):.0f} % of the trainings, and means and intervals are "
        f"then too good. {FEW_SEEDS} seeds show a failure of one training in six in 95 of 100 studies."
    ]


def unreachable(verdicts: Sequence[Verdict]) -> list[str]:
    """The margins of undecided pairs that no number of splits and seeds reaches, with those that this data could decide."""
    undecided = [one for one in verdicts if one.verdict == "undecided" and one.margin is not None and one.reachable is not None]
    told, flags = [], []
    for metric in dict.fromkeys(one.metric for one in undecided):
        of_metric = [one for one in undecided if one.metric == metric]
        beyond = [one for one in of_metric if _out_of_reach(one)]
        if beyond:
            decidable = float(np.median([one.reachable.decidable for one in beyond if one.reachable]))
            pairs = f" for {len(beyond)} of {len(of_metric)} undecided pairs" if len(of_metric) > 1 else ""
            told.append(f"{beyond[0].margin:g} of {METRICS[metric].label}{pairs} ({decidable:.4f} could be decided)")
            flags.append(f"{metric}={decidable:.4f}")
    if not told:
        return []
    return [
        f"The users of this data alone leave differences so uncertain that no number of splits and seeds can show equivalence "
        f"within {', '.join(told)}: --equivalence {','.join(flags)}."
    ]


def _out_of_reach(one: Verdict) -> bool:
    return one.reachable is not None and one.margin is not None and one.reachable.least > one.margin
