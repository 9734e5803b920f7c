"""Sections of every pair: the table of verdicts, the readings beside the mean, and seed ensembles."""

from collections.abc import Sequence

from bench.comparison.choice import choose, has_score
from bench.comparison.further import commands_that_add, commands_that_reach
from bench.comparison.growing import plans_behind, widening
from bench.comparison.margin import verdict_metrics
from bench.comparison.notes import has_few_seeds
from bench.comparison.scores import StudyScores
from bench.comparison.verdict import Verdict
from bench.report import verdict_cells as cells
from bench.report.chart_data import is_trained
from bench.report.content import Cell, Code, Section, Table
from bench.report.numbers import difference_with_interval
from bench.report.sections.verdicts import by_score, clearest, counts, cut, told
from bench.statistics.tail import FEW_SEEDS
from cfce.metrics import METRICS


def pairs(scores: StudyScores, verdicts: Sequence[Verdict]) -> Section:
    """Every pair on every score: difference with its interval, test, verdict, and what is needed where it is undecided."""
    margins = ", ".join(
        f"{one.margin:g} of {METRICS[name].label}" for name, one in _first(verdicts).items() if one.margin is not None
    )
    return Section(
        "pairs",
        "Pairs",
        sentences=(
            "Differences are taken between fits of the same split and seed, each at the learning rate that the other fits "
            "chose on valid. The interval counts splits, seeds, users and the choice of rates, each with its own degrees of "
            "freedom; p is corrected by Holm over every pair and score of the table. A verdict is about other splits, seeds and "
            "users of this data, as far as the study varied them; 'on other data' is the verdict for other data of the same "
            "size, of which splits that share training ratings say less (Nadeau and Bengio, 2003). "
            "Accuracy is that of a regression's rounded prediction; the accuracy of the mode reads the most probable rating of "
            "every variant's distribution, the same decoder for both families. "
            + (f"Equivalent means within {margins}. " if margins else "")
            + "Further splits or seeds: how many more would decide what is undecided, the median and the range that holds it in "
            "8 of 10 cases.",
        ),
        tables=(
            _table_of_pairs("pairs", "Pairwise verdicts", scores, verdicts),
            _readings("readings", "Beside the mean", verdicts),
        ),
        codes=(*_adding(scores, verdicts), *_widening(scores)),
        notes=(
            "Beside the mean: the posterior probabilities (flat priors, with the margin as the region of equivalence); the "
            "difference of interquartile means, which a few outlying trainings do not move, and the probability that a training "
            "of A is better than one of B on the same split, both with 95 % intervals over splits and seeds alone; and the "
            "scores of the distributions as predicted, before one parameter of each was fitted on valid.",
        )
        if verdicts
        else (),
    )


def ensembles(scores: StudyScores, verdicts: Sequence[Verdict]) -> Section | None:
    """Seed ensembles against each other: averaging may change which family is ahead."""
    if not verdicts:
        return None
    chosen, what = told(scores, verdicts)
    return Section(
        "ensembles",
        "Seed ensembles compared",
        sentences=(
            "A seed ensemble predicts the mean of the distributions that a variant's trainings of one split give "
            f"({_sizes(verdicts)}), with one "
            "temperature of its own fitted on valid. The differences are between ensembles of the same split, everything else as "
            "above, and Holm's correction runs over this table. "
            f"Of {len(chosen)} comparisons {what}, {counts(chosen)}.{cut(chosen)}",
        ),
        groups=by_score(clearest(chosen)),
        tables=(
            _table_of_pairs("ensemble-pairs", "Pairwise verdicts on ensembles", scores, verdicts),
            _readings("ensemble-readings", "Ensembles beside the mean", verdicts),
        ),
    )


def _sizes(verdicts: Sequence[Verdict]) -> str:
    """How many trainings the ensembles are the means of."""
    sizes = {side.members for one in verdicts for side in one.sides}
    if len(sizes) == 1:
        return f"{min(sizes)} here"
    return f"{min(sizes)} to {max(sizes)} here; those of different sizes have no verdict, as the mean of more is better"


def _table_of_pairs(name: str, caption: str, scores: StudyScores, verdicts: Sequence[Verdict]) -> Table:
    unit = "splits" if any(one.n_splits > 1 for one in verdicts) else "seeds"
    rows = tuple(
        (
            Cell(METRICS[one.metric].label),
            *(Cell(f"{side.configuration}{_at(scores, one, at)}") for at, side in enumerate(one.sides)),
            Cell(difference_with_interval(one.difference, one.low, one.high), one.difference),
            Cell(str(one.n), one.n),
            Cell(f"{one.verdict} (primary)" if one.standing == "primary" else one.verdict),
            Cell(one.verdict_other_data or "–"),
            Cell(cells.further(one.further), one.further_seeds or 0),
            Cell(cells.p_value(one.p_holm), one.p_holm),
        )
        for one in verdicts
    )
    head = ("score", "A", "B", "A - B [95 % CI]", "n", "A is", "on other data", f"further {unit}", "p (Holm)")
    return Table(name, caption, head, rows, frozenset({3, 4, 7, 8}), filters=(0, 5), sortable=True)


def _at(scores: StudyScores, one: Verdict, at: int) -> str:
    """The chosen rates of a side after its name; nothing where there was nothing to choose from."""
    side = one.sides[at]
    configuration = scores.configuration(side.configuration)
    return f" @ {cells.chosen(side)}" if is_trained(configuration) and len(configuration.trials) > 1 else ""


def _readings(name: str, caption: str, verdicts: Sequence[Verdict]) -> Table:
    """What stands beside the mean, a row a verdict."""
    some_lost = any(side.lost for one in verdicts for side in one.sides)
    rows = []
    for one in verdicts:
        raw_a, raw_b = (side.raw_score for side in one.sides)
        raw = f"{raw_a - raw_b:+.4f}" if raw_a == raw_a and raw_b == raw_b else "–"
        row = [
            Cell(METRICS[one.metric].label),
            Cell(one.a),
            Cell(one.b),
            Cell(cells.chances(one), one.chances[0]),
            Cell(cells.interquartile(one.interquartile), one.interquartile.value if one.interquartile else None),
            Cell(cells.improvement(one.improvement), one.improvement.value if one.improvement else None),
            Cell(raw, raw_a - raw_b),
        ]
        if some_lost:
            row += [*(Cell(cells.lost(side), side.lost) for side in one.sides), Cell(cells.imputed(one.imputed))]
        rows.append(tuple(row))
    head = (
        "score",
        "A",
        "B",
        "A is better / equivalent / worse, %",
        "interquartile A - B",
        "a training of A is better",
        "raw A - B",
        *(("A lost", "B lost", "A - B, lost ones as the constant") if some_lost else ()),
    )
    return Table(name, caption, head, tuple(rows), frozenset(range(3, len(head))), filters=(0,), sortable=True)


def _adding(scores: StudyScores, verdicts: Sequence[Verdict]) -> tuple[Code, ...]:
    """The commands that add the fewest further splits or seeds that would decide something, and the seeds that show a tail."""
    folder = scores.study.path
    codes = []
    asked = [one for one in verdicts if one.further_seeds]
    if asked:
        first = min(asked, key=lambda one: one.further_seeds or 0)
        count = first.further_seeds or 0
        if command := commands_that_add(plans_behind(scores, (first.a, first.b)), count, folder):
            title = f"This adds {count:,} to {first.a} and {first.b}, and keeps what is there"
            codes.append(Code(title, command, "sh", copy=True))
    few = has_few_seeds(verdicts)
    plans = plans_behind(scores, [name for one in verdicts for name in (one.a, one.b)]) if few else []
    if command := commands_that_reach(plans, FEW_SEEDS, folder):
        title = f"This makes at least {FEW_SEEDS} seeds, which show a failure of one training in six, and keeps what is there"
        codes.append(Code(title, command, "sh", copy=True))
    return tuple(codes)


def _widening(scores: StudyScores) -> tuple[Code, ...]:
    """The command that widens the grids whose ends were chosen."""
    choices = [
        choose(scores, configuration, METRICS[name])
        for name in verdict_metrics(METRICS)
        for configuration in scores.configurations.values()
        if has_score(scores, configuration, METRICS[name])
    ]
    command = widening(scores, choices)
    title = "A chosen learning rate is at an end of its grid; this widens it, and keeps what is there"
    return (Code(title, command, "sh", copy=True),) if command else ()


def _first(verdicts: Sequence[Verdict]) -> dict[str, Verdict]:
    found: dict[str, Verdict] = {}
    for one in verdicts:
        found.setdefault(one.metric, one)
    return found
