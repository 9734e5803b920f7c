"""Names that fit a legend, a title or a row, and still tell each other apart."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

PARTED = re.compile(r"(.*?) \((.*)\)(.*)", re.DOTALL)
"""A configuration: its variant, the parts that tell it from others of the variant, and what follows them."""


def short_names(names: Iterable[str], most: int = 40) -> dict[str, str]:
    """Each name in at most ``most`` letters, no two alike; as it is where it fits.

    Where a configuration's does not, words that all configurations of the variant share are left out; what is still too long is
    cut at its end or, where that would make two alike, in its middle. Where that would too, they are numbered.

    >>> long = [f"ce (batch size {size}, weight decay 0.05, {sampler})" for size in (32, 48) for sampler in ("a", "b")]
    >>> list(short_names([*long, "bias"], 20).values())
    ['ce (32, a)', 'ce (32, b)', 'ce (48, a)', 'ce (48, b)', 'bias']
    >>> list(short_names(["a name that is long", "another"], 10).values())
    ['a name th…', 'another']
    >>> list(short_names(["a name that is long", "a name that is wide"], 10).values())
    ['a nam…long', 'a nam…wide']
    """
    found = {name: name for name in names}
    bare = {**found, **_without_shared(found, most)}
    if len(set(bare.values())) == len(found):
        found = bare
    for tail in (0, 2 * most // 5, 3 * most // 5, most - 2):
        cut = {name: _cut(text, most, tail) for name, text in found.items()}
        if len(set(cut.values())) == len(found):
            return cut
    numbers = {name: f"… {number}" for number, name in enumerate(found, start=1)}
    return {
        name: text if len(text) <= most else f"{text[: most - len(numbers[name])]}{numbers[name]}" for name, text in found.items()
    }


def _cut(text: str, most: int, tail: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1 - tail]}…{text[len(text) - tail :]}"


def _without_shared(names: Iterable[str], most: int) -> dict[str, str]:
    """The configurations of each variant that has one which does not fit, without what they share."""
    variants: dict[tuple[str, str, int], dict[str, list[str]]] = defaultdict(dict)
    for name in names:
        if parted := PARTED.fullmatch(name):
            variant, inside, rest = parted.groups()
            parts = inside.split(", ")
            variants[variant, rest, len(parts)][name] = parts
    found = {}
    for (variant, rest, _), configurations in variants.items():
        if len(configurations) > 1 and max(map(len, configurations)) > most:
            columns = [_telling(column) for column in zip(*configurations.values(), strict=True)]
            for name, parts in zip(configurations, zip(*columns, strict=True), strict=True):
                found[name] = f"{variant} ({', '.join(filter(None, parts))}){rest}"
    return found


def _telling(column: Sequence[str]) -> list[str]:
    """One part of each configuration without the words with which all begin; nothing where all are alike.

    >>> _telling(["batch size 32", "batch size 48"]), _telling(["bootstrap", "bootstrap"])
    (['32', '48'], ['', ''])
    """
    words = [part.split(" ") for part in column]
    shared = 0
    while all(len(one) > shared for one in words) and len({one[shared] for one in words}) == 1:
        shared += 1
    return [" ".join(one[shared:]) for one in words]
