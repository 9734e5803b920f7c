"""The commands that add what an undecided verdict or too few seeds ask for, and that widen a grid whose end was chosen."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.comparison.choice import Choice
from bench.plan.run_command import is_run
from bench.statistics import beyond, edge_of

Plan = Mapping[str, Any]
"""A plan as ``study.json`` holds it: the command that asked for it, and what it asked."""


def commands_that_add(plans: Sequence[Plan], further: int, folder: Path) -> str:
    """The commands, a line each, that give plans ``further`` common splits or seeds, into the folder of their study.

    A plan without splits has one for each seed, so it gets more seeds; a plan of several splits gets more splits, as those
    are the units of its comparisons; a plan of one split gets more seeds. A plan that has as many already has no line. Empty
    where one is no run, such as a search.

    >>> plan = {"command": "bench run --seeds 5", "plan": {"seeds": 5, "splits": None}}
    >>> commands_that_add([plan], 3, Path("reports/default"))
    'bench run --seeds 8 --out reports/default'
    >>> commands_that_add([{"command": "bench run --splits 4 --seeds 2", "plan": {"seeds": 2, "splits": 4}}], 3, Path("s"))
    'bench run --splits 7 --seeds 2 --out s'
    """
    lines = []
    for plan in plans:
        name = "splits" if _of_splits(plan) else "seeds"
        now = _asked(plan, name)
        wanted = min(_asked(one, name) for one in plans if _of_splits(one) is _of_splits(plan)) + further
        if wanted > now or not further:
            lines.append(_with_flags(plan, {name: max(wanted, now)}, folder))
    return "\n".join(lines) if all(is_run(plan["command"]) for plan in plans) else ""


def commands_that_reach(plans: Sequence[Plan], wanted: int, folder: Path) -> str:
    """The commands, a line each, that give plans at least ``wanted`` common independent seeds.

    All get the seeds of that with the most, then more splits; more seeds where splits share them. A plan that has as many already
    has no line. Empty where one is no run.

    >>> plan = {"command": "bench run", "plan": {"seeds": 5, "splits": None}}
    >>> commands_that_reach([plan], 17, Path("reports/default"))
    'bench run --seeds 17 --out reports/default'
    >>> few, many = ({"command": f"bench run --seeds {n}", "plan": {"seeds": n, "splits": 3}} for n in (2, 6))
    >>> commands_that_reach([few], 17, Path("s")), commands_that_reach([few, many], 17, Path("s"))
    ('bench run --seeds 2 --splits 9 --out s', 'bench run --seeds 6 --out s')
    """
    lines = []
    for plan in plans:
        alike = [one for one in plans if _nests_seeds(one) is _nests_seeds(plan)]
        most = {name: max(_asked(one, name) for one in alike) for name in ("splits", "seeds")}
        if _nests_seeds(plan):
            most["splits"] = max(most["splits"], -(-wanted // most["seeds"]))
        else:
            most["seeds"] = max(most["seeds"], wanted)
        flags = {name: value for name, value in most.items() if value > _asked(plan, name)}
        if flags:
            lines.append(_with_flags(plan, flags, folder))
    return "\n".join(lines) if all(is_run(plan["command"]) for plan in plans) else ""


def _asked(plan: Plan, name: str) -> int:
    return int(plan["plan"].get(name) or 1)


def _of_splits(plan: Plan) -> bool:
    """Whether a plan is of several splits, which its comparisons count."""
    return _asked(plan, "splits") > 1


def _nests_seeds(plan: Plan) -> bool:
    """Whether each of several splits of a plan has seeds of its own."""
    return _of_splits(plan) and not plan["plan"].get("crossed")


def command_that_widens(plan: Plan, choices: Sequence[Choice], folder: Path) -> str | None:
    """The command of a plan with learning rates beyond each end that was chosen; None where none was, or the plan is no run."""
    if not is_run(plan["command"]):
        return None
    rates = {rate for choice in choices for rate in choice.candidates if rate == rate}
    wider = set(rates)
    for choice in choices:
        edge = edge_of(choice.candidates, choice.learning_rate)
        wider |= set(beyond(choice.candidates, edge)) if edge else set()
    return None if wider == rates else command_with_rates(plan, wider, folder)


def command_with_rates(plan: Plan, rates: Iterable[float], folder: Path) -> str | None:
    """The command of a plan with these learning rates in place of its own; None for a plan that is no run.

    >>> command_with_rates({"command": "bench run --learning-rates 0.1,1"}, [0.1, 0.32, 1.0], Path("s"))
    'bench run --learning-rates 0.1,0.32,1 --out s'
    """
    if not is_run(plan["command"]):
        return None
    words = shlex.split(plan["command"])
    words = [word for at, word in enumerate(words) if not _gives_rates(words, at)]
    text = ",".join(f"{rate:g}" for rate in sorted(rates))
    return shlex.join(_with_flag(_with_flag(words, "--learning-rates", text), "--out", str(folder)))


def _with_flags(plan: Plan, flags: Mapping[str, int], folder: Path) -> str:
    words = shlex.split(plan["command"])
    for name, value in flags.items():
        words = _with_flag(words, f"--{name}", str(value))
    return shlex.join(_with_flag(words, "--out", str(folder)))


def _gives_rates(words: Sequence[str], at: int) -> bool:
    """Whether a word is a part of ``--option learning_rate=...``."""
    value = "learning_rate="
    return (words[at] == "--option" and words[at + 1 : at + 2] != [] and words[at + 1].startswith(value)) or words[at].startswith(
        (value, f"--option={value}")
    )


def _with_flag(words: list[str], name: str, value: str) -> list[str]:
    """The words with a flag set, in its place where it is there already."""
    for at, word in enumerate(words):
        if word == name and at + 1 < len(words):
            return [*words[: at + 1], value, *words[at + 2 :]]
        if word.startswith(f"{name}="):
            return [*words[:at], f"{name}={value}", *words[at + 1 :]]
    return [*words, name, value]
