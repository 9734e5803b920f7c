"""Which variant leads in a study of many: the best mean of each score, and of how many others it is shown to be better."""

from collections import defaultdict
from collections.abc import Sequence

from bench.comparison.scores import StudyScores
from bench.comparison.verdict import Verdict
from cfce.metrics import METRICS
from cfce.text import listed

MANY = 5
"""Trained variants from which on it is said; of fewer the verdicts can be read one by one."""


def leaders(scores: StudyScores, verdicts: Sequence[Verdict]) -> str:
    """One sentence on the variants with the best means; empty where few variants are compared each with each."""
    trained = {name for name, one in scores.configurations.items() if one.family != "baseline"}
    among = [one for one in verdicts if {one.a, one.b} <= trained]
    if len(trained) < MANY or len({frozenset((one.a, one.b)) for one in among}) < len(trained) * (len(trained) - 1) // 2:
        return ""
    told: dict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(one.metric for one in among):
        of_score = [one for one in among if one.metric == name]
        means = {side.configuration: side.score for one in of_score for side in one.sides}
        best = max(means, key=lambda each: METRICS[name].gain(means[each]))
        beaten = sum((one.a, one.verdict) == (best, "better") or (one.b, one.verdict) == (best, "worse") for one in of_score)
        told[best].append(f"{METRICS[name].label} ({beaten} of {len(means) - 1})")
    found = "; ".join(f"{best} has the best mean in {listed(names)}" for best, names in told.items())
    return f"{found}; in brackets, how many of the other trained variants it is shown to be better than."
