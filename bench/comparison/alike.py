"""Which configurations a study can compare with nothing else between them: those of one engine, device, sampler and options."""

from collections.abc import Collection
from typing import Any

from bench.comparison.configurations import CHOSEN, Configuration

FAMILIES = ("regression", "classification", "ordinal")
"""The families whose members are compared; the others are what all of them are measured from."""


def conditions(configuration: Configuration) -> dict[str, Any]:
    """What a configuration was trained with, beside what valid chooses: engine, device and options."""
    trial = configuration.records[0].trial
    options = {name: value for name, value in trial.options.items() if name not in CHOSEN}
    return {"engine": trial.engine, "device": trial.device, **options}


def alike(a: Configuration, b: Configuration, among: Collection[Configuration]) -> bool:
    """Whether two configurations differ in no condition that the study has alike.

    A difference that no other configuration of either variant would mend, as between a network's engine and a program's, belongs
    to the variants. One that ``among`` could mend does not: ``ce`` on a CUDA device is compared with ``regression`` there where
    both were trained there.
    """
    mine, theirs = conditions(a), conditions(b)
    for name in mine.keys() & theirs.keys():
        if mine[name] == theirs[name]:
            continue
        for side, other in ((a, theirs), (b, mine)):
            siblings = (conditions(one) for one in among if one.variant == side.variant and one is not side)
            if any(one.get(name) == other[name] for one in siblings):
                return False
    return True


def between_families(a: Configuration, b: Configuration, among: Collection[Configuration]) -> bool:
    """Whether two configurations are of two families, neither a baseline, and alike."""
    return a.family != b.family and {a.family, b.family} <= set(FAMILIES) and alike(a, b, among)
