"""The section of claims: every verdict that matters in words, by score, and what weakens all of it."""

import math
from collections import Counter
from collections.abc import Sequence

from bench.comparison.alike import FAMILIES
from bench.comparison.declared import Declared
from bench.comparison.notes import notes_of
from bench.comparison.scores import StudyScores
from bench.comparison.verdict import Verdict
from bench.report.answer import most_telling
from bench.report.content import Section
from cfce.metrics import METRICS
from cfce.text import counted, listed

MOST_SENTENCES = 24


def verdict(scores: StudyScores, verdicts: Sequence[Verdict], declared: Declared | None = None) -> Section | None:
    """What the study supports, in the words of its tests: the primary comparison, then those between the families by score.

    None where nothing is compared.
    """
    if not verdicts:
        return None
    primary = [one for one in verdicts if one.standing == "primary"]
    rest, what = told(scores, [one for one in verdicts if one.standing != "primary"])
    exploratory = "exploratory " if primary else ""
    counted = (f"Of {len(rest)} {exploratory}comparisons {what}, {counts(rest)}.{cut(rest)}",) if rest else ()
    return Section(
        "verdict",
        "The verdicts in words",
        sentences=(*(f"Primary comparison. {one.text}" for one in primary), *counted),
        groups=by_score(clearest(rest)),
        notes=(*notes_of(verdicts, declared), *_cautions(scores)),
    )


def told(scores: StudyScores, verdicts: Sequence[Verdict]) -> tuple[list[Verdict], str]:
    """The verdicts that are told in words, and what they are between."""
    found = most_telling(scores, verdicts)
    families = {scores.configuration(name).family for one in found for name in (one.a, one.b)}
    named = [family for family in FAMILIES if family in families]
    across = all(scores.configuration(one.a).family != scores.configuration(one.b).family for one in found)
    if "baseline" in families:
        return found, "between variants"
    return found, f"between {listed(named)}" if across else "between trained variants"


def by_score(verdicts: Sequence[Verdict]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The texts of verdicts under the names of their scores."""
    found = {one.metric: tuple(other.text for other in verdicts if other.metric == one.metric) for one in verdicts}
    return tuple((METRICS[name].label, texts) for name, texts in found.items())


def clearest(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts that are told in words: all where they are few, else as many of each score, those of the smallest p."""
    if len(verdicts) <= MOST_SENTENCES:
        return list(verdicts)
    by_p = sorted(verdicts, key=lambda one: one.p if one.p == one.p else math.inf)
    found: list[Verdict] = []
    for name in _metrics(verdicts):
        found += [one for one in by_p if one.metric == name][: _each(verdicts)]
    return found


def cut(verdicts: Sequence[Verdict]) -> str:
    """What is said where not every verdict is told in words."""
    if len(verdicts) <= MOST_SENTENCES:
        return ""
    return f" Those with the smallest p follow, {_each(verdicts)} of each score; all are in the table of pairs."


def _metrics(verdicts: Sequence[Verdict]) -> list[str]:
    return list(dict.fromkeys(one.metric for one in verdicts))


def _each(verdicts: Sequence[Verdict]) -> int:
    return max(1, MOST_SENTENCES // len(_metrics(verdicts)))


def counts(verdicts: Sequence[Verdict]) -> str:
    """How many verdicts are decided, equivalent and undecided."""
    found = Counter("decided" if one.verdict in ("better", "worse") else one.verdict for one in verdicts)
    parts = [
        f"{found['decided']} found a difference",
        f"{found['equivalent']} found the two equivalent in practice",
        f"{found['undecided']} stay undecided",
    ]
    return f"{parts[0]}, {parts[1]} and {parts[2]}"


def _cautions(scores: StudyScores) -> tuple[str, ...]:
    splits = {record.trial.split for record in scores.study.ok}
    notes = []
    if len(splits) == 1:
        notes.append(
            "All trials share one split, so the intervals hold for new seeds and new users of these ratings; they say less about "
            "other splits of the data. Run with --splits to widen the claim."
        )
    if len(scores.ensemble_configurations) > 1:
        notes.append(
            "These are verdicts on single trainings. Averaged over seeds, the variants are compared under 'Seed ensembles "
            "compared', and there another may be ahead."
        )
    records = scores.study.distinct
    bad = sum(one.status != "ok" for one in records) + len(scores.problems)
    if bad:
        notes.append(f"{bad} of {len(records)} trials diverged, failed or cannot be read; they are named below.")
    if missing := scores.study.untrained:
        trials = f"{counted(len(missing), 'trial')} of the plan {'is' if len(missing) == 1 else 'are'}"
        notes.append(f"{trials} not trained yet: this report is of an unfinished study.")
    return tuple(notes)
