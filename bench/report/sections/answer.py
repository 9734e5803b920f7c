"""The first screen: the answer with its picture and what it generalises to, and what would change it."""

import math
from collections.abc import Sequence

from bench.comparison.choice import choose, has_score
from bench.comparison.further import Plan, command_with_rates, commands_that_add
from bench.comparison.growing import commands_of, plans_behind, plans_with, widening
from bench.comparison.notes import too_few_users
from bench.comparison.scores import StudyScores
from bench.comparison.verdict import Verdict
from bench.report.answer import answer, that_matter
from bench.report.content import Code, Image, Section
from bench.report.forest import forest_of
from bench.report.leaders import leaders
from bench.statistics.decide import FEWEST_USERS
from bench.statistics.tail import FEW_SEEDS
from cfce.metrics import METRICS
from cfce.text import listed

FEW_SPLITS = 5
MOST_NAMED = 3
"""Pairs that a sentence names."""
READING = (
    "Each line is the difference of the first from the second with its 95 % interval, drawn so that to the right the first is "
    "better, whichever way the score goes; within the grey band it makes no difference in practice."
)


def answered(
    scores: StudyScores, verdicts: Sequence[Verdict], images: Sequence[Image] = (), others: Sequence[str] = ()
) -> Section:
    """The answer in one sentence, and the differences behind it as a picture; which of many variants lead.

    ``images`` are what Markdown shows of it; ``others`` the files of the reports of other protocols.
    """
    forest = forest_of(scores, verdicts)
    left_out = forest.left_out if forest else 0
    more = f" {left_out} more pairs are in the table of pairs." if left_out else ""
    return Section(
        "answer",
        "Answer",
        sentences=(answer(scores, verdicts),),
        images=tuple(images),
        forest=forest,
        links=tuple(others),
        notes=(*filter(None, [leaders(scores, verdicts)]), *_scope(scores, verdicts), *((f"{READING}{more}",) if forest else ())),
    )


def _scope(scores: StudyScores, verdicts: Sequence[Verdict]) -> list[str]:
    """What the claims are about; nothing where there are none."""
    told = that_matter(scores, verdicts)
    if too_few_users(told):
        return []
    about: dict[str, dict[str, None]] = {}
    for one in told:
        if one.generalises_to:
            about.setdefault(one.generalises_to, {})[f"{one.a} against {one.b}"] = None
    data = scores.study.settings["data"]["dataset"]
    claims = [
        f"What is claimed{f' of {_few(list(pairs))}' if len(about) > 1 else ''} holds for {what} of {data}."
        for what, pairs in about.items()
    ]
    return [" ".join([*claims, "Other data needs a study of its own."])] if claims else []


def _few(names: Sequence[str]) -> str:
    """Names as a sentence lists them, the first three of many.

    >>> _few(["a", "b", "c"]), _few(["a", "b", "c", "d", "e"])
    ('a, b and c', 'a, b, c and 2 more')
    """
    return listed(names if len(names) <= MOST_NAMED else [*names[:MOST_NAMED], f"{len(names) - MOST_NAMED} more"])


def changes(scores: StudyScores, verdicts: Sequence[Verdict]) -> Section | None:
    """What might turn the answer, each with the command that mends it; None where nothing is compared."""
    told = that_matter(scores, verdicts)
    if not told:
        return None
    more = (*_edges(scores, told), *_undecided(scores, told), *_seeds(scores, told), *_one_split(scores))
    codes = (
        *([_more_users(scores)] if too_few_users(told) else more),
        *_diverged(scores),
        *_lost(scores),
    )
    nothing = "Nothing found: no grid ends at a chosen rate, no training was lost, and no score has a heavy tail."
    return Section(
        "changes",
        "What would change it",
        sentences=() if codes else (nothing,),
        codes=tuple(Code(title, command, "sh" if command else "", copy=bool(command)) for title, command in codes),
    )


Change = tuple[str, str]
"""What might change the answer, and the command that mends it; empty where there is none."""


def _more_users(scores: StudyScores) -> Change:
    """What gives a verdict where the users are too few: others, or, where the data has enough, those of other splits."""
    n_users = int(scores.study.settings["data"]["n_users"]) - 1  # without the unknown
    if n_users < FEWEST_USERS:
        return "Ratings of more users: of these alone, no number of splits and seeds gives a verdict.", ""
    return f"More of the {n_users:,} users in {scores.study.evaluation_part}: other splits or more users may bring them.", ""


def _edges(scores: StudyScores, told: Sequence[Verdict]) -> list[Change]:
    """Learning rates at an end of their grid."""
    sides = {(one.metric, side.configuration): side for one in told for side in one.sides if side.edge}
    if not sides:
        return []
    named = dict.fromkeys(f"{side.configuration} at {side.learning_rate:g}, the {side.edge}" for side in sides.values())
    choices = [
        choose(scores, scores.configurations[name], METRICS[metric])
        for metric, name in sides
        if name in scores.configurations and has_score(scores, scores.configurations[name], METRICS[metric])
    ]
    title = f"A learning rate at an end of its grid was chosen ({'; '.join(named)}): a wider grid may change it."
    return [(title, widening(scores, choices))]


def _undecided(scores: StudyScores, told: Sequence[Verdict]) -> list[Change]:
    """Further splits or seeds that would decide something."""
    undecided = [one for one in told if one.verdict == "undecided"]
    asked = [one for one in undecided if one.further_seeds and one.further]
    if not asked:
        return []
    first = min(asked, key=lambda one: one.further_seeds or 0)
    count, unit = first.further_seeds or 0, first.further.unit if first.further else "seeds"
    of = f"{len(undecided)} of {len(told)} comparisons are undecided" if len(told) > 1 else "The comparison is undecided"
    title = f"{of}; about {count:,} further {unit if count > 1 else unit[:-1]} would decide {first.a} against {first.b} in "
    return [(f"{title}{METRICS[first.metric].label}.", _adding(scores, count, plans_behind(scores, (first.a, first.b))))]


def _seeds(scores: StudyScores, told: Sequence[Verdict]) -> list[Change]:
    """Few seeds, and heavy tails, of which few seeds tell little."""
    few = any("few seeds" in one.caveats for one in told)
    tailed = dict.fromkeys(side.configuration for one in told for side in one.sides if side.tailed)
    ours = [one for one in told if not any(_is_from_elsewhere(scores, name) for name in (one.a, one.b))] or told
    n, units = min(one.estimate.n_seeds for one in ours), min(one.n for one in ours)
    fewer = -(-(FEW_SEEDS - n) * units // n)  # units that the missing seeds are
    said = [f"Each variant has {n} {'trainings' if n > 1 else 'training'}; rare failures show from {FEW_SEEDS} on"] if few else []
    said += [f"the scores of {' and of '.join(tailed)} have a heavy tail, so a mean over few is uncertain"] if tailed else []
    text = "; ".join(said)
    if not said:
        return []
    plans = plans_behind(scores, [name for one in told for name in (one.a, one.b)])
    return [(f"{text[0].upper()}{text[1:]}.", _adding(scores, max(fewer, units), plans))]


def _is_from_elsewhere(scores: StudyScores, name: str) -> bool:
    """Whether a configuration is predictions that were added, which no command here trains."""
    return all(record.external for record in scores.configuration(name).records)


def _one_split(scores: StudyScores) -> list[Change]:
    """A study on one split says little of others."""
    if len({record.trial.split for record in scores.study.ok}) != 1:
        return []
    plans = plans_with(scores.study.plans, [record.trial_id for record in scores.study.ok])
    some = [{**plan, "plan": {**plan["plan"], "splits": FEW_SPLITS}} for plan in plans]
    return [("All trials share one split of the ratings; other splits may differ.", _adding(scores, 0, some))]


def _lost(scores: StudyScores) -> list[Change]:
    """Trials that failed or cannot be read, and those of the plan that are not trained yet: the same command trains them."""
    study = scores.study
    bad = [*(record.trial_id for record in study.distinct if record.status == "failed"), *scores.problems]
    missing = study.untrained
    said = [f"{len(bad)} of {len(study.distinct)} trials failed or cannot be read"] if bad else []
    said += [f"{len(missing):,} trials of the plan are not trained yet"] if missing else []
    plans = plans_with(study.plans, [*bad, *missing])
    return [(f"{'; '.join(said)}; the same command trains them.", _adding(scores, 0, plans))] if said else []


def _diverged(scores: StudyScores) -> list[Change]:
    """Trials that diverged: a learning rate below the lowest that did may train."""
    lowest: dict[str, float] = {}
    n = 0
    for name, configuration in scores.configurations.items():
        rates = [rate for rate, records in configuration.trials.items() for one in records if one.status == "diverged"]
        n += len(rates)
        if rates and min(rates) == min(rates):
            lowest[name] = min(rates)
    if not n:
        return []
    said = f"{n} of {len(scores.study.records)} trials diverged"
    if not lowest:
        return [(f"{said}.", "")]
    grid = {rate for name in lowest for rate in scores.configurations[name].trials if rate == rate}
    below = {_below(rate, sorted(grid)) for rate in lowest.values()}
    plans = plans_behind(scores, lowest)
    command = commands_of(plans, lambda plan: command_with_rates(plan, grid | below, scores.study.path))
    named = "; ".join(f"{name} from a learning rate of {rate:g} on" for name, rate in lowest.items())
    return [(f"{said} ({named}): a lower rate may train, and be better than those that did.", command)]


def _below(rate: float, grid: Sequence[float]) -> float:
    """A learning rate between one and the next lower of a grid, in the middle of their logarithms; a third of the lowest.

    >>> _below(50, [0.05, 50]), _below(0.1, [0.1, 1])
    (1.6, 0.033)
    """
    lower = [one for one in grid if one < rate]
    return float(f"{math.sqrt(rate * max(lower)) if lower else rate / 3:.2g}")


def _adding(scores: StudyScores, further: int, plans: Sequence[Plan]) -> str:
    """The commands of plans with further seeds or splits, a line each; empty where one was no run."""
    return commands_that_add(plans, further, scores.study.path)
