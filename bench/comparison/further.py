"""The commands that add what an undecided verdict or too few seeds ask for, and that widen a grid whose end was chosen."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.comparison.choice import Choice
from bench.statistics import beyond, edge_of


def command_that_adds(plan: Mapping[str, Any], further: int, folder: Path) -> str | None:
    """The command of a plan with ``further`` more splits and seeds, into the folder of its study; what is there is kept.

    A plan without splits has one for each seed, so it gets more seeds; a plan of several splits gets more splits, as those
    are the units of its comparisons; a plan of one split gets more seeds. None for a plan that is no run, such as a search.

    >>> plan = {"command": "bench run --seeds 5", "plan": {"seeds": 5, "splits": None}}
    >>> command_that_adds(plan, 3, Path("reports/default"))
    'bench run --seeds 8 --out reports/default'
    >>> command_that_adds({"command": "bench run --splits 4 --seeds 2", "plan": {"seeds": 2, "splits": 4}}, 3, Path("s"))
    'bench run --splits 7 --seeds 2 --out s'
    """
    if not _is_run(plan):
        return None
    asked = plan["plan"]
    splits = asked.get("splits")
    flag, now = ("--splits", splits) if splits and splits > 1 else ("--seeds", asked.get("seeds", 1))
    words = shlex.split(plan["command"])
    for name, value in ((flag, str(now + further)), ("--out", str(folder))):
        words = _with_flag(words, name, value)
    return shlex.join(words)


def command_that_reaches(plan: Mapping[str, Any], wanted: int, folder: Path) -> str | None:
    """The command of a plan with at least ``wanted`` independent seeds: more splits, or more seeds where splits share them.

    None for a plan that is no run.

    >>> plan = {"command": "bench run", "plan": {"seeds": 5, "splits": None}}
    >>> command_that_reaches(plan, 17, Path("reports/default"))
    'bench run --seeds 17 --out reports/default'
    >>> command_that_reaches({"command": "bench run", "plan": {"seeds": 4, "splits": 3}}, 17, Path("s"))
    'bench run --splits 5 --out s'
    """
    if not _is_run(plan):
        return None
    asked = plan["plan"]
    splits, seeds = asked.get("splits") or 1, asked.get("seeds", 1)
    flag, value = ("--splits", -(-wanted // seeds)) if splits > 1 and not asked.get("crossed") else ("--seeds", wanted)
    words = shlex.split(plan["command"])
    for name, text in ((flag, str(value)), ("--out", str(folder))):
        words = _with_flag(words, name, text)
    return shlex.join(words)


def command_that_widens(plan: Mapping[str, Any], choices: Sequence[Choice], folder: Path) -> str | None:
    """The command of a plan with learning rates beyond each end that was chosen; None where none was, or the plan is no run."""
    if not _is_run(plan):
        return None
    rates = {rate for choice in choices for rate in choice.candidates if rate == rate}
    wider = set(rates)
    for choice in choices:
        edge = edge_of(choice.candidates, choice.learning_rate)
        wider |= set(beyond(choice.candidates, edge)) if edge else set()
    return None if wider == rates else command_with_rates(plan, wider, folder)


def command_with_rates(plan: Mapping[str, Any], rates: Iterable[float], folder: Path) -> str | None:
    """The command of a plan with these learning rates in place of its own; None for a plan that is no run.

    >>> command_with_rates({"command": "bench run --learning-rates 0.1,1"}, [0.1, 0.32, 1.0], Path("s"))
    'bench run --learning-rates 0.1,0.32,1 --out s'
    """
    if not _is_run(plan):
        return None
    words = shlex.split(plan["command"])
    words = [word for at, word in enumerate(words) if not _gives_rates(words, at)]
    text = ",".join(f"{rate:g}" for rate in sorted(rates))
    return shlex.join(_with_flag(_with_flag(words, "--learning-rates", text), "--out", str(folder)))


def _is_run(plan: Mapping[str, Any]) -> bool:
    """Whether a plan came from ``bench run``; a search has a space of its own, and no grid or seeds to add to."""
    return "run" in shlex.split(plan["command"])


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
