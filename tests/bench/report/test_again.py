"""The command that trains a trial again makes a plan that has that trial."""

import shlex

import pytest

from bench.cli.option_flags import read_options
from bench.plan.plan import Flags, make_plan
from bench.plan.trial import Trial
from bench.report.again import command_again
from bench.variants.plugins import load_parts
from cfce.options import OptionValues


def flags_of(command):
    """The flags of a command, as a plan takes them."""
    words = [word for word in shlex.split(command)[2:] if word != "--crossed"]
    given = dict(zip(words[::2], words[1::2], strict=True))
    options = [value for flag, value in zip(words[::2], words[1::2], strict=True) if flag == "--option"]
    counts = {name: int(given[f"--{name}"]) for name in ("seeds", "splits") if f"--{name}" in given}
    return Flags(
        variants=tuple(given["--variants"].split(",")),
        engine=given["--engine"],
        devices=(given["--devices"],),
        options=read_options(options),
        crossed="--crossed" in command,
        **counts,
    )


@pytest.mark.parametrize("counts", [{"seeds": 4}, {"seeds": 2, "splits": 3}, {"seeds": 2, "splits": 3, "crossed": True}])
def test_the_command_plans_the_trial(counts):
    load_parts()
    options = {"learning_rate": ("0.01", "0.1"), "epochs": ("2",)}
    asked = make_plan(Flags(variants=("ce", "regression"), devices=("cpu",), options=options, **counts))
    told = " ".join(f"--{name}" if value is True else f"--{name} {value}" for name, value in counts.items())
    stored = {
        "command": f"bench run --variants ce,regression --learning-rates 0.01,0.1 --option epochs=2 {told}",
        "plan": asked.to_json(),
    }
    trials = [one for one in asked.trials("ml-100k", "f") if "learning_rate" in one.options]
    assert trials
    for trial in trials:
        command, count = command_again(stored, trial)
        again = make_plan(flags_of(f"{command} {count}")).trials("ml-100k", "f")
        assert trial.trial_id in {one.trial_id for one in again}


@pytest.mark.parametrize("program", ["bench", "python -m bench"])
def test_the_command_names_the_program_as_it_was_named(program):
    trial = Trial("d", "f", "p", "ce", "fused", "cpu", 0, 1, 1, OptionValues(), "")
    command, count = command_again({"command": f"{program} run --seeds 2 --out s", "plan": {}}, trial)
    assert (command, count) == (f"{program} run --variants ce --engine fused --devices cpu --out again --seeds", 2)


@pytest.mark.parametrize("command", ["bench tune --variants ce", "python -m bench tune --variants run", "python train.py run"])
def test_a_command_that_does_something_else_has_none(command):
    assert command_again({"command": command, "plan": {}}, None) is None


def test_a_plan_whose_command_is_lost_has_none():
    assert command_again({"command": "unknown: study.json was lost", "plan": {}}, None) is None
