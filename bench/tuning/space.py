"""The space of a search: the ranges of a variant's options, as they declare them or as a file gives them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.variants.variant import VARIANTS, Variant
from cfce.errors import UserError, unknown_name
from cfce.options import Option, OptionValues
from cfce.search import Range
from cfce.strict_toml import read_toml

EVERY = "all"
"""The table of a file whose ranges are for every variant."""
KEYS = ("low", "high", "log", "choices", "when")

Given = Mapping[str, Mapping[str, Range]]
"""Variant, or ``EVERY``, to option to range."""


@dataclass(frozen=True)
class Space:
    """What a search of one variant may vary, and what it may not."""

    variant: str
    defaults: OptionValues
    """Every option of the variant: the setting that a search begins with."""
    ranges: Mapping[str, tuple[Range, ...]]
    """Option to its ranges, of which the first that holds is used."""

    def to_json(self) -> dict[str, Any]:
        """The ranges as plain JSON values."""
        return {name: [one.to_json() for one in ranges] for name, ranges in self.ranges.items()}

    def range_of(self, name: str, values: Mapping[str, Any]) -> Range | None:
        """The range of an option beside the values of others; None where it keeps its default."""
        return next((one for one in self.ranges.get(name, ()) if one.holds(values)), None)

    def first_choices(self) -> Iterator[OptionValues]:
        """The defaults, and every setting that differs from them in one choice, and in what that choice depends on."""
        yield self.defaults
        for name, ranges in self.ranges.items():
            for found in ranges:
                condition, _, wanted = found.when.partition("=")
                for value in found.choices:
                    yield self.defaults.replaced(**{name: value}, **({condition: wanted} if condition else {}))

    def up_to(self, name: str, most: int) -> "Space":
        """The space without values of an option above ``most``; an option that has no range left keeps its default."""
        if name not in self.ranges:
            return self
        found = [one for one in self.ranges[name] if one.choices or one.low < most]
        kept = tuple(one if one.choices else replace(one, high=min(one.high, most)) for one in found)
        rest = {other: ranges for other, ranges in self.ranges.items() if other != name}
        return replace(self, ranges={**rest, name: kept} if kept else rest)

    @property
    def ordered(self) -> list[str]:
        """The options that are searched, those that others depend on first."""
        return sorted(self.ranges, key=lambda name: any(one.when for one in self.ranges[name]))


def space_of(name: str, pinned: Mapping[str, tuple[Any, ...]], given: Given) -> Space:
    """The space of a variant.

    ``pinned`` are options by flag: one value is kept throughout, of several one is chosen. ``given`` are ranges of a file, which
    take the place of an option's own. Raises ``UserError`` for a range outside what the option allows, and for a variant without
    anything to search.
    """
    variant = VARIANTS[name]
    options = variant.options
    ranges = {one: option.ranges for one, option in options.items() if option.ranges}
    for table in (EVERY, name):
        ranges |= {one: (found,) for one, found in given.get(table, {}).items() if one in options}
    values = {one: option.default for one, option in options.items()} | dict(variant.defaults)
    for one, texts in pinned.items():
        if one in options:
            read = tuple(dict.fromkeys(options[one].value(text) for text in texts))
            ranges.pop(one, None)
            values[one] = read[0]
            if len(read) > 1:
                ranges[one] = (Range(choices=read),)
    for one, found in ranges.items():
        for each in found:
            _check(variant, options, one, each)
    reachable = {one: _reachable(found, values, ranges) for one, found in ranges.items()}
    ranges = {one: found for one, found in reachable.items() if found}
    defaults = OptionValues({one: options[one].value(value) for one, value in values.items()})
    variant.estimator.with_options(defaults)
    if not ranges:
        raise UserError(
            f"variant '{name}' has no option with a range, so there is nothing to tune; leave it out, or give a range with "
            "--space"
        )
    return Space(name, defaults, ranges)


def _reachable(found: tuple[Range, ...], values: Mapping[str, Any], ranges: Mapping[str, tuple[Range, ...]]) -> tuple[Range, ...]:
    """The ranges whose condition can hold; one that always holds, as what it depends on is not searched, has none any more."""
    depends = [one.when.partition("=")[0] in ranges for one in found]
    kept = [
        one if searched else replace(one, when="")
        for one, searched in zip(found, depends, strict=True)
        if searched or one.holds(values)
    ]
    return tuple(kept)


def _check(variant: Variant, options: Mapping[str, Option], name: str, found: Range) -> None:
    """Raise ``UserError`` where an end of a range is no value of its option."""
    option = options[name]
    if not found.choices and option.kind not in (int, float):
        raise UserError(f"a range from low to high came for {name}, which is no number; give choices = [...]")
    condition, _, wanted = found.when.partition("=")
    if condition and condition not in options:
        raise unknown_name("option", condition, options)
    for value in found.choices or (found.low, found.high):
        whole = int(value) if option.kind is int and not found.choices and value == int(value) else value
        try:
            variant.estimator.with_options({name: whole, **({condition: wanted} if condition else {})})
        except UserError as error:
            raise UserError(f"the space of '{variant.name}' gives {name} {found.text}: {error}") from error


def read_space(path: Path) -> dict[str, dict[str, Range]]:
    """The ranges in a TOML file: a table for each variant, or ``all``, of options with ``{low, high, log}`` or ``{choices}``.

    Raises ``UserError`` for what is no TOML, an unknown variant, option or key.
    """
    content = read_toml(path, "a space", "docs/how-to/tuning.md")
    return {table: _table(path, table, found) for table, found in content.items()}


def _table(path: Path, table: str, content: Any) -> dict[str, Range]:
    if table != EVERY and table not in VARIANTS:
        raise unknown_name("variant", table, [EVERY, *VARIANTS])
    if not isinstance(content, dict):
        raise UserError(f"'{path}' gives {table} a value; it is a table of options, such as [{table}]")
    known = VARIANTS[table].options if table != EVERY else {one: None for part in VARIANTS.values() for one in part.options}
    found = {}
    for name, given in content.items():
        if name not in known:
            raise unknown_name("option", name, known)
        found[name] = _range(path, f"{table}.{name}", given)
    return found


def _range(path: Path, where: str, given: Any) -> Range:
    if not isinstance(given, dict):
        raise UserError(f"'{path}' gives {where} a value; it is a range, such as {{low = 1, high = 9, log = true}}")
    for key in given:
        if key not in KEYS:
            raise unknown_name(f"key of {where}", key, KEYS)
    numbers = [given.get(key) for key in ("low", "high")]
    whole = all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers)
    if ("choices" in given) == any(one is not None for one in numbers) or not ("choices" in given or whole):
        raise UserError(f"'{path}' gives {where} neither low and high nor choices, or both; give two numbers, or choices = [...]")
    if "choices" in given and (not isinstance(given["choices"], list) or not given["choices"]):
        raise UserError(f"'{path}' gives {where} choices that are no list of values; write choices = [1, 2]")
    if not isinstance(given.get("log", False), bool) or not isinstance(given.get("when", ""), str):
        raise UserError(f"'{path}' gives {where} a log that is not true or false, or a when that is no text")
    return Range.from_json(given)
