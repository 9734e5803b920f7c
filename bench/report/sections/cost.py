"""The section that sets quality against the seconds of a fit."""

from collections.abc import Mapping, Sequence

from bench.comparison.costs import Offer
from bench.report.content import Cell, Image, Section, Table
from bench.report.numbers import NONE, number, significant
from cfce.metrics import METRICS

Offers = Mapping[str, tuple[Offer, ...]]
WHOLE = "*"
"""What marks seconds of a whole process."""
UNEVEN = 3.0
"""How many times its fastest fit a configuration's slowest may take before it is said."""


def numbered(found: Offers) -> dict[str, int]:
    """Each configuration's number in the figure and the table, from 1: from the fastest to the slowest."""
    names = dict.fromkeys(one.configuration for offered in found.values() for one in offered)
    return {name: at for at, name in enumerate(names, 1)}


def cost(found: Offers, part: str, images: Sequence[Image]) -> Section:
    """A row a configuration: its number in the figure, and for each score its mean, its seconds and whether it is on the front.

    The configurations on the front are named above the table.
    """
    by_name = {name: {one.configuration: one for one in offered} for name, offered in found.items()}
    rows = tuple(
        (
            Cell(str(at), at),
            Cell(configuration),
            *(cell for name in found for cell in _cells(by_name[name].get(configuration), name)),
        )
        for configuration, at in numbered(found).items()
    )
    heads = tuple(head for name in found for head in (METRICS[name].label, f"seconds for {METRICS[name].label}", "front"))
    on_front = [f"{METRICS[name].label}: {_named(offered)}" for name, offered in found.items()]
    sentences = [
        "Each variant is at the learning rate that its fits chose on valid for the score; the seconds are those of the fastest "
        "of its fits, as what else the machine did can only add. On the front are those that no other one equals or beats in "
        "both seconds and score, and beats in one. It is a description of means: which differences are decided, the pairs say.",
    ]
    if any(one.whole_process for offered in found.values() for one in offered):
        sentences.append(f"Seconds with {WHOLE} are those of a whole process, its start and its files too.")
    trained = [one for offered in found.values() for one in offered if one.family != "baseline"]
    uneven = max(trained, key=lambda one: one.spread)
    if uneven.spread > UNEVEN:
        sentences.append(
            f"Seconds are uncertain: the slowest fit of {uneven.configuration} took {uneven.spread:.1f} times as long as its "
            "fastest, so other work ran beside some fits; 'bench time' measures seconds by themselves."
        )
    return Section(
        "cost",
        "Quality against seconds",
        sentences=tuple(sentences),
        items=tuple(f"On the front in {line}." for line in on_front),
        tables=(
            Table(
                "cost",
                f"Mean on {part} and seconds of the fastest fit",
                ("no.", "variant", *heads),
                rows,
                frozenset({0, *(2 + 3 * at + one for at in range(len(found)) for one in (0, 1))}),
                sortable=True,
            ),
        ),
        images=tuple(images),
    )


def _cells(one: Offer | None, name: str) -> tuple[Cell, Cell, Cell]:
    if one is None:
        return Cell(NONE), Cell(NONE), Cell(NONE)
    seconds = f"{significant(one.seconds)}{WHOLE if one.whole_process else ''}"
    return Cell(number(one.score), one.score), Cell(seconds, one.seconds), Cell("yes" if one.on_front else "")


def _named(offered: Sequence[Offer]) -> str:
    return ", ".join(
        f"{one.configuration} ({number(one.score)} in {significant(one.seconds)} s)" for one in offered if one.on_front
    )
