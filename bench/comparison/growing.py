"""The commands that grow what a comparison rests on: of each plan that trained a side of it, and of no other."""

from collections.abc import Callable, Collection, Iterable, Sequence

from bench.comparison.choice import Choice
from bench.comparison.further import Plan, command_that_widens
from bench.comparison.scores import StudyScores


def plans_with(plans: Sequence[Plan], trial_ids: Iterable[str]) -> list[Plan]:
    """Few plans that together have these trials, as far as any has them, in the order in which they were asked for.

    That with the most trials that are still missing is taken first, of equals the later one, which may have grown from the other.

    >>> plans = [{"trial_ids": ["a", "zero"]}, {"trial_ids": ["b", "zero"]}, {"trial_ids": ["c", "zero"]}]
    >>> [[plans.index(one) for one in plans_with(plans, ids)] for ids in (["a", "c"], ["a", "zero"], ["zero"])]
    [[0, 2], [0], [2]]
    """
    missing, taken = set(trial_ids), set()
    held = [missing & set(plan["trial_ids"]) for plan in plans]
    while missing:
        at = max(range(len(plans)), key=lambda one: (len(held[one] & missing), one), default=None)
        if at is None or not held[at] & missing:
            break
        taken.add(at)
        missing -= held[at]
    return [plan for at, plan in enumerate(plans) if at in taken]


def plans_behind(scores: StudyScores, names: Iterable[str]) -> list[Plan]:
    """The plans that trained configurations, or the trials of which these are the seed ensembles."""
    return plans_with(scores.study.plans, [one for name in dict.fromkeys(names) for one in _trials(scores, name)])


def commands_of(plans: Iterable[Plan], command: Callable[[Plan], str | None]) -> str:
    """A line for each plan; empty where one of them has no such command, as a search has none."""
    found = [command(plan) for plan in plans]
    return "" if None in found else "\n".join(map(str, found))


def widening(scores: StudyScores, choices: Sequence[Choice]) -> str:
    """The commands that widen the grids whose ends were chosen, a line for each plan that has such a grid; empty for none."""
    trials = {choice.configuration: set(_trials(scores, choice.configuration)) for choice in choices}
    found = []
    for plan in plans_behind(scores, trials):
        own = [one for one in choices if trials[one.configuration].intersection(plan["trial_ids"])]
        found.append(command_that_widens(plan, own, scores.study.path))
    return "\n".join(one for one in found if one)


def _trials(scores: StudyScores, name: str) -> Collection[str]:
    configuration = scores.configuration(name)
    return [record.trial_id for record in (configuration.ensemble_of or configuration).records]
