"""Sections of claims: the verdict in words, the table of pairs, and where the spread comes from."""

from collections import Counter
from collections.abc import Sequence

from bench.comparison.configurations import Configuration
from bench.comparison.further import command_that_adds
from bench.comparison.scores import StudyScores
from bench.comparison.variance import split_variance
from bench.comparison.verdict import Verdict
from bench.report.chart_data import chosen_rate, is_trained
from bench.report.content import Cell, Code, Section, Table
from bench.report.numbers import NONE, number, percent, rate
from cfce.metrics import METRICS

SIGNED = "{:+.4f}"
MOST_SENTENCES = 24
SPREAD_METRICS = ("normalized_rmse", "accuracy", "nll")


def verdict(scores: StudyScores, verdicts: Sequence[Verdict], others: Sequence[str] = ()) -> Section:
    """What the study supports, in the words of its tests: first of all between the families.

    ``others`` are the files of the reports of other protocols.
    """
    chosen = [one for one in verdicts if _between_families(scores.configurations[one.a], scores.configurations[one.b])]
    what = "between regression and classification"
    if not chosen:
        chosen = [
            one for one in verdicts if is_trained(scores.configurations[one.a]) and is_trained(scores.configurations[one.b])
        ]
        what = "between trained variants"
    if not chosen:
        chosen, what = list(verdicts), "between variants"
    if not chosen:
        return Section("verdict", "Verdict", ("No two variants have finished trials on a common split, so nothing is compared.",))
    return Section(
        "verdict",
        "Verdict",
        sentences=(f"Of {len(chosen)} comparisons {what}, {_counts(chosen)}.{_cut(chosen)}",),
        items=tuple(one.text for one in chosen[:MOST_SENTENCES]),
        links=tuple(others),
        notes=_cautions(scores),
    )


def _between_families(a: Configuration, b: Configuration) -> bool:
    """Whether two configurations are of the two trained families and differ in nothing but the variant."""
    same_rest = a.name[len(a.variant) :] == b.name[len(b.variant) :]
    return same_rest and is_trained(a) and is_trained(b) and {a.family, b.family} == {"regression", "classification"}


def _cut(verdicts: Sequence[Verdict]) -> str:
    """What is said where not every verdict is told in words."""
    return f" The first {MOST_SENTENCES} follow; all are in the table of pairs." if len(verdicts) > MOST_SENTENCES else ""


def _counts(verdicts: Sequence[Verdict]) -> str:
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
    bad = len(scores.study.records) - len(scores.study.ok) + len(scores.problems)
    if bad:
        notes.append(f"{bad} of {len(scores.study.records)} trials diverged, failed or cannot be read; they are named below.")
    missing = len(scores.study.trial_ids) - len(scores.study.records)
    if missing:
        notes.append(f"{missing} trials of the plan are not trained yet: this report is of an unfinished study.")
    return tuple(notes)


def pairs(scores: StudyScores, verdicts: Sequence[Verdict]) -> Section:
    """Every pair on every score: difference with its interval, test, verdict, and what is needed where it is undecided."""
    margins = ", ".join(
        f"{one.margin:g} of {METRICS[name].label}" for name, one in _first(verdicts).items() if one.margin is not None
    )
    return Section(
        "pairs",
        "Pairs",
        sentences=(
            "Differences are taken between trials of the same split and seed, at the learning rates that valid chose. The "
            "interval comes from a bootstrap over users within splits, and over seeds; p is that of a paired test, corrected "
            "by Holm over every pair and score of the table. Accuracy is that of a regression's rounded prediction; the accuracy "
            "of the mode reads the most probable rating of every variant's distribution, the same decoder for both families. "
            + (f"Equivalent means within {margins}. " if margins else "")
            + "Further seeds: how many more would probably decide what is undecided.",
        ),
        tables=(_table_of_pairs("pairs", "Pairwise verdicts", "further seeds", scores, verdicts),),
        codes=_adding(scores, verdicts),
    )


def _adding(scores: StudyScores, verdicts: Sequence[Verdict]) -> tuple[Code, ...]:
    """The command that adds the fewest further seeds that would probably decide something."""
    asked = [one.further_seeds for one in verdicts if one.further_seeds]
    if not asked:
        return ()
    command = command_that_adds(scores.study.plans[-1], min(asked), scores.study.path)
    return (Code(f"This adds {min(asked):,} to the last plan, and keeps what is there", command, "sh", copy=True),)


def ensembles(scores: StudyScores, verdicts: Sequence[Verdict]) -> Section | None:
    """Seed ensembles against each other: averaging may change which family is ahead."""
    if not verdicts:
        return None
    between = [one for one in verdicts if _between_families(scores.configuration(one.a), scores.configuration(one.b))]
    return Section(
        "ensembles",
        "Seed ensembles compared",
        sentences=(
            "A seed ensemble predicts the mean of the distributions that a variant's trainings of one split give. The "
            "differences are between ensembles of the same split, everything else as above, and Holm's correction runs over "
            "this table. "
            + (
                f"Of {len(between)} comparisons between regression and classification, {_counts(between)}.{_cut(between)}"
                if between
                else ""
            ),
        ),
        items=tuple(one.text for one in between[:MOST_SENTENCES]),
        tables=(_table_of_pairs("ensemble-pairs", "Pairwise verdicts on ensembles", "further splits", scores, verdicts),),
    )


def _table_of_pairs(name: str, caption: str, further: str, scores: StudyScores, verdicts: Sequence[Verdict]) -> Table:
    rows = tuple(
        (
            Cell(METRICS[one.metric].label),
            Cell(f"{one.a}{_at(scores.configuration(one.a), one.learning_rate_a)}"),
            Cell(f"{one.b}{_at(scores.configuration(one.b), one.learning_rate_b)}"),
            Cell(f"{SIGNED.format(one.difference)} {_interval(one)}".strip(), one.difference),
            Cell(str(one.n), one.n),
            Cell(_p(one.p_holm), one.p_holm),
            Cell(one.verdict),
            Cell(f"{one.further_seeds:,}" if one.further_seeds else NONE, one.further_seeds or 0),
        )
        for one in verdicts
    )
    head = ("score", "A", "B", "A - B [95 % CI]", "n", "p (Holm)", "A is", further)
    return Table(name, caption, head, rows, frozenset({3, 4, 5, 7}), filters=(0, 6), sortable=True)


def variance(scores: StudyScores) -> Section:
    """How much of each variant's spread comes from the split, the initial weights and the order of the batches."""
    rows: list[tuple[Cell, ...]] = []
    notes: dict[str, None] = {}
    for name in SPREAD_METRICS:
        for configuration in scores.configurations.values():
            step = chosen_rate(scores, configuration, METRICS[name])
            if not is_trained(configuration) or step is None:
                continue
            found = split_variance(scores, configuration.name, name, step)
            shares = ", ".join(f"{source} {percent(share, 0)}" for source, share in found.shares.items() if share == share)
            rows.append(
                (
                    Cell(METRICS[name].label),
                    Cell(configuration.name),
                    Cell(rate(found.learning_rate), found.learning_rate),
                    Cell(str(found.n), found.n),
                    Cell(number(found.sd), found.sd),
                    Cell(shares or NONE),
                )
            )
            notes[found.text] = None
    head = ("score", "variant", "learning rate", "n", "sd", "share of the variance")
    return Section(
        "variance",
        "Where the spread comes from",
        sentences=("At the learning rate that valid chose: the variance over trials by source, by the method of moments.",),
        tables=(
            Table("variance", f"Spread on {scores.study.evaluation_part} by source", head, tuple(rows), frozenset({2, 3, 4})),
        ),
        notes=tuple(note for note in notes if note),
    )


def _first(verdicts: Sequence[Verdict]) -> dict[str, Verdict]:
    found: dict[str, Verdict] = {}
    for one in verdicts:
        found.setdefault(one.metric, one)
    return found


def _at(configuration: Configuration, step: float) -> str:
    return f" @ {rate(step)}" if is_trained(configuration) and len(configuration.trials) > 1 else ""


def _interval(one: Verdict) -> str:
    return f"[{number(one.low)}, {number(one.high)}]" if one.low == one.low else ""


def _p(p: float) -> str:
    return NONE if p != p else "< 0.0001" if p < 0.0001 else f"{p:.4f}"
