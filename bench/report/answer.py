"""The answer of a study in one sentence: its primary comparison; else how the families stand, score by score."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

from bench.comparison.alike import FAMILIES, between_families
from bench.comparison.configurations import Configuration
from bench.comparison.notes import too_few_users
from bench.comparison.scores import StudyScores
from bench.comparison.verdict import Verdict
from bench.report.numbers import difference_with_interval
from cfce.metrics import METRICS
from cfce.text import listed

MOST_PRIMARY = 3
MANY = 3
"""Scores from which 'every score' is said for them."""
UNDECIDED = "is undecided in every score"


def answer(scores: StudyScores, verdicts: Sequence[Verdict]) -> str:
    """What the study finds, in one sentence that claims no more than its verdicts."""
    primary = [one for one in verdicts if one.standing == "primary"]
    told = that_matter(scores, verdicts)
    if not told:
        return "No two variants have finished trials on a common split, so nothing is compared."
    if reason := too_few_users(told):
        return reason
    if primary:
        return _sentence([plain(one) for one in primary[:MOST_PRIMARY]])
    of_families = _families(scores, told)
    if of_families:
        return _sentence(of_families)
    if len({(one.a, one.b) for one in told}) == 1:
        return _sentence(_between(f"{told[0].a}", f"{told[0].b}", [(one, False) for one in told]))
    counts = Counter("decided" if one.verdict in ("better", "worse") else one.verdict for one in told)
    return (
        f"Of {len(told)} comparisons, {counts['decided']} found a difference, {counts['equivalent']} found the two equivalent "
        f"in practice and {counts['undecided']} stay undecided."
    )


def that_matter(scores: StudyScores, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts that answer: the primary ones, those between families, between trained variants, or all of them."""
    primary = [one for one in verdicts if one.standing == "primary"]
    return primary or most_telling(scores, verdicts)


def most_telling(scores: StudyScores, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Of any verdicts, on trainings or on ensembles, those between families; else between trained variants; else all."""
    between, trained = [], []
    for one in verdicts:
        a, b = scores.configuration(one.a), scores.configuration(one.b)
        among = (scores.configurations if a.ensemble_of is None else scores.ensemble_configurations).values()
        trained += [one] if "baseline" not in (a.family, b.family) else []
        between += [one] if between_families(a, b, among) else []
    return between or trained or list(verdicts)


def plain(one: Verdict) -> str:
    """One verdict as a clause: what is so, by how much, with its interval."""
    on = f"{METRICS[one.metric].label} on {one.part}"
    if one.low != one.low:
        return f"{one.a} and {one.b} are undecided in {on}: there is one unit to compare"
    size = difference_with_interval(abs(one.difference), *_turned(one), sign=False)
    if one.verdict in ("better", "worse"):
        return f"{one.a} is {one.verdict} than {one.b} in {on} by {size}"
    if one.verdict == "equivalent":
        return f"{one.a} and {one.b} are equivalent in {on}: {one.leads} by {size}, within {one.margin:g}"
    return f"whether {one.a} or {one.b} is better in {on} is undecided: {one.leads} by {size}"


def _turned(one: Verdict) -> tuple[float, float]:
    return (one.low, one.high) if one.difference >= 0 else (-one.high, -one.low)


def _families(scores: StudyScores, told: Sequence[Verdict]) -> list[str]:
    """A clause for each two families that are compared."""
    clauses: list[str] = []
    for first, second in combinations(FAMILIES, 2):
        found = []
        for one in told:
            families = [_family(scores.configurations.get(name)) for name in (one.a, one.b)]
            if families in ([first, second], [second, first]):
                found.append((one, families[0] == second))
        clauses += _between(first, second, found) if found else []
    if len(clauses) > 1 and all(clause.endswith(UNDECIDED) for clause in clauses):
        there = [family for family in FAMILIES if any(family in clause for clause in clauses)]
        return [f"which of {listed(there)} is better {UNDECIDED}"]
    return clauses


def _family(configuration: Configuration | None) -> str:
    return configuration.family if configuration else ""


def _between(first: str, second: str, found: Sequence[tuple[Verdict, bool]]) -> list[str]:
    """How one side stands against the other, score by score; True with a verdict says that its sides are the other way.

    The side that is ahead in more scores comes first.
    """
    standings = defaultdict(list)
    for one, other_way in found:
        standings[one.metric].append(_opposite(one.verdict) if other_way else one.verdict)
    ahead = {metric: _standing(verdicts) for metric, verdicts in standings.items()}
    if Counter(ahead.values())["worse"] > Counter(ahead.values())["better"]:
        first, second = second, first
        standings = defaultdict(list, {metric: [_opposite(one) for one in verdicts] for metric, verdicts in standings.items()})
        ahead = {metric: _standing(verdicts) for metric, verdicts in standings.items()}
    parts: list[str] = []
    for standing, words in WORDS.items():
        named = {METRICS[metric].label: _share(standings[metric], standing) for metric in ahead if ahead[metric] == standing}
        if not named:
            continue
        same = len(set(named.values())) == 1
        every = "every score" if len(named) == len(ahead) >= MANY else ""
        told = (every or listed(list(named))) + next(iter(named.values())) if same else listed([a + b for a, b in named.items()])
        parts.append(f"{words} {told}" if parts else f"in {told}")
    if "better" in ahead.values():
        return [f"{first} is better than {second} {', '.join(parts)}"]
    if "mixed" in ahead.values():
        return [f"{first} is better or worse than {second}, by variant, {', '.join(parts)}"]
    if "equivalent" in ahead.values():
        return [f"{first} and {second} are equivalent {', '.join(parts)}"]
    return [f"whether {first} or {second} is better is undecided {', '.join(parts)}"]


WORDS = {
    "better": "better in",
    "worse": "worse in",
    "mixed": "better or worse, by variant, in",
    "equivalent": "equivalent in",
    "undecided": "undecided in",
}
"""How each standing is told, in the order in which they are told."""


def _standing(verdicts: Sequence[str]) -> str:
    """Several verdicts on one score together.

    >>> [_standing(one) for one in (["better", "undecided"], ["better", "worse"], ["equivalent"], ["equivalent", "undecided"])]
    ['better', 'mixed', 'equivalent', 'undecided']
    """
    if {"better", "worse"} <= set(verdicts):
        return "mixed"
    decided = next((one for one in verdicts if one in ("better", "worse")), None)
    return decided or ("equivalent" if set(verdicts) == {"equivalent"} else "undecided")


def _share(verdicts: Sequence[str], standing: str) -> str:
    """For how many of several pairs it is so; nothing where it is for all."""
    count = sum(one == standing for one in verdicts)
    return "" if standing == "mixed" or count == len(verdicts) else f" (in {count} of {len(verdicts)} pairs)"


def _opposite(verdict: str) -> str:
    return {"better": "worse", "worse": "better"}.get(verdict, verdict)


def _sentence(clauses: Sequence[str]) -> str:
    text = "; ".join(clauses)
    return f"{text[0].upper()}{text[1:]}."
