"""The command that trains one trial of a study again."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from bench.plan.flag_names import SHORT_NAMES
from bench.plan.plan import MOST_SPLITS
from bench.plan.run_command import is_run
from bench.plan.trial import Trial

SET = (
    *("--variants", "--seeds", "--splits", "--devices", "--engine", "--jobs", "--executor", "--ray-address", "--stack"),
    *("--keep", "--out"),
)
"""Flags with a value whose place the trial's own take, or that change no number."""
ALONE = ("--no-resume", "--resume")


def command_again(plan: Mapping[str, Any], trial: Trial) -> tuple[str, int] | None:
    """The command of a plan narrowed to one trial: all but its last word, and that word, a number of seeds or splits.

    None where the command of the plan is not one that trains, as when it was lost.

    Seeds and splits are counted from 0, so the trial comes with those before it. What the plan asks for by other flags, such
    as data, preset and protocol, stays.

    >>> from cfce.options import OptionValues
    >>> plan = {"command": "bench run --variants ce,regression --learning-rates 0.01,0.1 --seeds 5 --out s",
    ...         "plan": {"variants": {"ce": {"learning_rate": [0.01, 0.1]}}}}
    >>> trial = Trial("ml-100k", "f", "random-80-20", "ce", "fused", "cpu", 2, 2, 2, OptionValues({"learning_rate": 0.1}), "")
    >>> command_again(plan, trial)
    ('bench run --option learning_rate=0.1 --variants ce --engine fused --devices cpu --out again --seeds', 3)
    """
    if not is_run(str(plan["command"])):
        return None
    words, asked = shlex.split(str(plan["command"])), plan["plan"]
    grid = {"learning_rate": asked.get("learning_rates", ()), **asked.get("variants", {}).get(trial.variant, {})}
    several = [name for name, values in grid.items() if name in trial.options and len(values) > 1]
    words = _without(words, several)
    for name in several:
        words += ["--option", f"{name}={trial.options[name]}"]
    words += ["--variants", trial.variant, "--engine", trial.engine, "--devices", trial.device, "--out", "again"]
    if asked.get("splits") is None:
        return f"{shlex.join(words)} --seeds", trial.seed + 1
    seeds = (trial.seed if asked.get("crossed") else trial.seed // MOST_SPLITS) + 1
    return f"{shlex.join([*words, '--seeds', str(seeds)])} --splits", trial.split + 1


def _without(words: list[str], options: Sequence[str]) -> list[str]:
    """A command's words without what ``command_again`` sets itself, and without the flags of some options."""
    short = {f"--{SHORT_NAMES.get(name, name).replace('_', '-')}" for name in options}
    kept: list[str] = []
    waiting = iter(words)
    for word in waiting:
        flag, sign, value = word.partition("=")
        if flag not in {*SET, *short, "--option"}:
            kept += [word] if word not in ALONE else []
            continue
        value = value if sign else next(waiting, "")
        if flag == "--option" and value.partition("=")[0].strip().replace("-", "_") not in options:
            kept += ["--option", value]
    return kept
